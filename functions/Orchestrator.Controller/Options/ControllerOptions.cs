namespace Orchestrator.Controller.Options;

/// <summary>How the controller runs; read from section <c>Controller</c> of a JSON file and the environment (<c>Controller__PlatformUrl</c>), which wins.</summary>
public sealed record ControllerOptions
{
    /// <summary>Namespace of the controller, which holds its lease. Required in a cluster; give it by the downward API.</summary>
    public string Namespace { get; init; } = "";

    /// <summary>Namespaces whose models it serves. Default: its own only.</summary>
    public IReadOnlyList<string> WatchNamespaces { get; init; } = [];

    /// <summary>Name of this process in the lease; unique, so the pod's. Default: the machine's name.</summary>
    public string Identity { get; init; } = Environment.MachineName;

    /// <summary>A kubeconfig file. Default empty: the pod's service account.</summary>
    public string KubeConfigFile { get; init; } = "";

    /// <summary>Port of <c>/healthz</c> and <c>/readyz</c>. Default 8080; 0 takes any free one.</summary>
    public int HealthPort { get; init; } = 8080;

    /// <summary>Base address of the platform's HTTP API. Required.</summary>
    public Uri? PlatformUrl { get; init; }

    /// <summary>File with an admin API key of the platform, read anew for every request. Required.</summary>
    public string ApiKeyFile { get; init; } = "";

    /// <summary>Longest wait for one answer of the platform. Default 30 s; an upload may take <see cref="UploadTimeout"/>.</summary>
    public TimeSpan PlatformTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest wait for a manifest of a source, and for further bytes of a shard. Default 30 s: a source that stalls holds up one of <c>Pace:Parallel</c> models so long.</summary>
    public TimeSpan SourceTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>Longest time that bringing in one shard may take. Default 30 min.</summary>
    public TimeSpan UploadTimeout { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>
    /// Hosts that models may be fetched from, exact names. Default empty: none, so that who may create models cannot make the controller call addresses
    /// inside the cluster.
    /// </summary>
    public IReadOnlyList<string> SourceHosts { get; init; } = [];

    /// <summary>Who leads when there are several.</summary>
    public LeaseOptions Lease { get; init; } = new();

    /// <summary>How often it looks and how it retries.</summary>
    public PaceOptions Pace { get; init; } = new();

    /// <summary>What every worker has in common.</summary>
    public WorkerTemplate Workers { get; init; } = new();

    /// <summary>What a worker gets and where it runs, by the name in <c>spec.resourceProfile</c>. Required: one at least.</summary>
    public IReadOnlyDictionary<string, ResourceProfile> Profiles { get; init; } = new Dictionary<string, ResourceProfile>();
}
