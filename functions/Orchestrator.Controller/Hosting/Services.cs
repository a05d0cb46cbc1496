using k8s;
using Microsoft.Extensions.Logging;
using Orchestrator.Controller.Cluster;
using Orchestrator.Controller.Options;
using Orchestrator.Controller.Platform;
using Orchestrator.Controller.Reconciling;

namespace Orchestrator.Controller.Hosting;

/// <summary>What lives as long as the process, and how the parts of a reconciler fit together.</summary>
public sealed class Services : IDisposable
{
    private readonly HttpClient platformHttp;
    private readonly HttpClient sourceHttp;
    private readonly ControllerOptions options;
    private readonly INodeProbe probe;
    private readonly TimeProvider time;
    private readonly ILoggerFactory logs;

    /// <summary>Opens the connections.</summary>
    /// <param name="options">How the controller runs.</param>
    /// <param name="kubernetes">The API server; closed with this.</param>
    /// <param name="probe">Asks pods which node they are.</param>
    /// <param name="sources">Where models are fetched from; the network when null.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logs">Logs.</param>
    public Services(ControllerOptions options, Kubernetes kubernetes, INodeProbe probe, HttpMessageHandler? sources, TimeProvider time, ILoggerFactory logs)
    {
        (this.options, Kubernetes, this.probe, this.time, this.logs) = (options, kubernetes, probe, time, logs);
        Cluster = new ClusterClient(kubernetes, time);
        platformHttp = new HttpClient(new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = Timeout.InfiniteTimeSpan };
        sourceHttp = new HttpClient(sources ?? new SocketsHttpHandler { PooledConnectionLifetime = TimeSpan.FromMinutes(5) }) { Timeout = options.UploadTimeout };
    }

    /// <summary>The API server.</summary>
    public Kubernetes Kubernetes { get; }

    /// <summary>The same, as the controller uses it.</summary>
    public ClusterClient Cluster { get; }

    /// <summary>A reconciler over a view.</summary>
    public Reconciler Reconciler(ClusterView view)
    {
        var events = new EventRecorder(Cluster, options.Identity, time, logs.CreateLogger<EventRecorder>());
        var platform = new PlatformClient(platformHttp, options, time);
        var readers = new Dictionary<string, ISourceReader> { ["https"] = new HttpsSource(sourceHttp), ["oci"] = new OciSource(sourceHttp) };
        var publisher = new ModelPublisher(platform, new ModelSources(readers, options, time));
        return new Reconciler(
            Cluster, view, new ChildKeeper(Cluster, view), new GpuAnnotator(Cluster), new NodeDirectory(probe), new ModelKeeper(platform, publisher, view, events), events, options, time, logs.CreateLogger<Reconciler>());
    }

    /// <inheritdoc />
    public void Dispose()
    {
        platformHttp.Dispose();
        sourceHttp.Dispose();
        Kubernetes.Dispose();
    }
}
