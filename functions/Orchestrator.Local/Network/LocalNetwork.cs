
namespace Orchestrator.Local;

/// <summary>
/// A whole network as processes of this machine: sidecar, control plane and nodes, each restarted when it dies.
/// Stopping it leaves no process behind; its folder can be started again.
/// </summary>
public sealed class LocalNetwork : IAsyncDisposable
{
    /// <summary>Name of the sidecar process.</summary>
    public const string SidecarName = "sidecar";

    /// <summary>Name of the control plane process, also its Dapr app-id.</summary>
    public const string ControlPlaneName = "control-plane";

    /// <summary>Name of the actor host's process and Dapr app-id, where it has one of its own.</summary>
    public const string ActorsName = "actors";

    /// <summary>Name of the relay process, where there is one.</summary>
    public const string RelayName = "relay";

    private readonly ProcessSupervisor supervisor;

    private readonly IDisposable folderLock;

    private LocalNetwork(NetworkPlan plan, ProcessSupervisor supervisor, IDisposable folderLock)
    {
        Plan = plan;
        this.supervisor = supervisor;
        this.folderLock = folderLock;
    }

    /// <summary>Ports, keys and files of everything that runs.</summary>
    public NetworkPlan Plan { get; }

    /// <summary>Base URL of the HTTP API.</summary>
    public Uri Endpoint => Plan.Endpoint;

    /// <summary>File with the bearer token of the HTTP API.</summary>
    public string ApiKeyFile => Plan.Folder.ApiKeyFile;

    /// <summary>The processes.</summary>
    public ProcessSupervisor Processes => supervisor;

    /// <summary>Starts all processes and returns when the HTTP API answers. Nodes may still be registering.</summary>
    /// <exception cref="InvalidOperationException">Options are out of range, or a process ended before it was ready.</exception>
    public static async Task<LocalNetwork> StartAsync(LocalNetworkOptions options, TimeProvider time, CancellationToken cancel)
    {
        if (options.Validate() is { Count: > 0 } errors)
            throw new InvalidOperationException(string.Join(' ', errors));
        var folderLock = new NetworkFolder(Path.GetFullPath(options.Folder)).Lock();
        var plan = NetworkPlan.Create(options, time.GetUtcNow());
        var supervisor = new ProcessSupervisor(time);
        var network = new LocalNetwork(plan, supervisor, folderLock);
        try
        {
            await supervisor.StartAsync(plan.SidecarProcess(), cancel);
            if (plan.RelayProcess() is { } relay)
                await supervisor.StartAsync(relay, cancel);
            var rest = plan.Gateways.Select(plan.GatewayProcess).Concat(plan.Workers.Select(plan.NodeProcess)).Append(plan.ControlPlaneProcess()).Concat(options.SplitActors ? [plan.ActorsProcess()] : []);
            await Task.WhenAll(rest.Select(spec => supervisor.StartAsync(spec, cancel)));
            return network;
        }
        catch
        {
            await network.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await supervisor.DisposeAsync();
        folderLock.Dispose();
    }
}
