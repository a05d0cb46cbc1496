namespace Orchestrator.Controller.Options;

/// <summary>What every worker has in common.</summary>
public sealed record WorkerTemplate
{
    /// <summary>Image of workers without a GPU. Required when a profile has none.</summary>
    public string Image { get; init; } = "";

    /// <summary>Image of workers with a GPU. Required when a profile has one.</summary>
    public string GpuImage { get; init; } = "";

    /// <summary><c>IfNotPresent, Always</c> or <c>Never</c>. Default <c>IfNotPresent</c>.</summary>
    public string ImagePullPolicy { get; init; } = "IfNotPresent";

    /// <summary>Names of pull secrets in the model's namespace.</summary>
    public IReadOnlyList<string> ImagePullSecrets { get; init; } = [];

    /// <summary>The platform's Ed25519 public key, 64 hex digits: <c>Worker__PlatformKey</c>. Required.</summary>
    public string PlatformKey { get; init; } = "";

    /// <summary>
    /// Account that is paid, followed by <c>-</c> and the replica's number: chains count as redundant only on disjoint hosts, and so each replica is one.
    /// Default <c>platform</c>.
    /// </summary>
    public string HostAccount { get; init; } = "platform";

    /// <summary>Region label of the workers. Default <c>cluster</c>.</summary>
    public string Region { get; init; } = "cluster";

    /// <summary>DNS domain of the cluster. Default <c>cluster.local</c>.</summary>
    public string ClusterDomain { get; init; } = "cluster.local";

    /// <summary>Further environment of the worker. <c>Worker__GatewayUrl</c>, by which it joins the platform, is required. A name that the controller sets itself is refused.</summary>
    public IReadOnlyDictionary<string, string> Environment { get; init; } = new Dictionary<string, string>();

    /// <summary>Secrets of the model's namespace that are mounted read-only.</summary>
    public IReadOnlyList<SecretMount> Secrets { get; init; } = [];

    /// <summary>Time for running sessions to end when a pod stops. Default 2 min.</summary>
    public TimeSpan DrainGrace { get; init; } = TimeSpan.FromMinutes(2);

    /// <summary>Longest start: fetching and loading a shard. Default 30 min.</summary>
    public TimeSpan StartLimit { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>Labels added to every worker pod.</summary>
    public IReadOnlyDictionary<string, string> PodLabels { get; init; } = new Dictionary<string, string>();

    /// <summary>Annotations added to every worker pod.</summary>
    public IReadOnlyDictionary<string, string> PodAnnotations { get; init; } = new Dictionary<string, string>();
}

/// <summary>A secret as files.</summary>
public sealed record SecretMount
{
    /// <summary>Name of the Secret.</summary>
    public string Name { get; init; } = "";

    /// <summary>Absolute folder in the container.</summary>
    public string MountPath { get; init; } = "";
}
