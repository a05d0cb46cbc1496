namespace Orchestrator.Controller.Options;

/// <summary>What a worker gets and where it runs.</summary>
public sealed record ResourceProfile
{
    /// <summary>Its GPUs; null for a worker on the CPU.</summary>
    public GpuRequest? Gpu { get; init; }

    /// <summary>CPU requested, a Kubernetes quantity. Default <c>1</c>.</summary>
    public string Cpu { get; init; } = "1";

    /// <summary>Memory requested and limited to, a Kubernetes quantity. Default <c>4Gi</c>.</summary>
    public string Memory { get; init; } = "4Gi";

    /// <summary>Memory that the worker offers for shards and caches, in bytes: <c>Worker__MemoryBytes</c>. With a GPU, the GPU's. Default 2 GiB.</summary>
    public long ModelMemoryBytes { get; init; } = 2L << 30;

    /// <summary>Most sessions at a time. Default 32.</summary>
    public int MaxSessions { get; init; } = 32;

    /// <summary>Threads per shard. Default 1.</summary>
    public int Threads { get; init; } = 1;

    /// <summary>Asked price in micro-credits for one layer over one token. Default 1.</summary>
    public long PricePerLayerToken { get; init; } = 1;

    /// <summary>Where the node's key, shards and evidence lie.</summary>
    public StorageRequest Storage { get; init; } = new();

    /// <summary>Labels of the machines it may run on.</summary>
    public IReadOnlyDictionary<string, string> NodeSelector { get; init; } = new Dictionary<string, string>();

    /// <summary>Taints it tolerates.</summary>
    public IReadOnlyList<TolerationRule> Tolerations { get; init; } = [];

    /// <summary>Runtime class, e.g. <c>nvidia</c>. Default empty: the cluster's.</summary>
    public string RuntimeClass { get; init; } = "";

    /// <summary>Priority class. Default empty: the cluster's.</summary>
    public string PriorityClass { get; init; } = "";
}

/// <summary>GPUs of a worker.</summary>
public sealed record GpuRequest
{
    /// <summary>Name of the extended resource, e.g. <c>nvidia.com/mig-1g.10gb</c>. Default <c>nvidia.com/gpu</c>.</summary>
    public string Resource { get; init; } = "nvidia.com/gpu";

    /// <summary>How many. Default 1.</summary>
    public int Count { get; init; } = 1;

    /// <summary>Let workers start on a time-sliced GPU, which isolates neither memory nor faults. Default false.</summary>
    public bool AllowShared { get; init; }
}

/// <summary>A worker's disk.</summary>
public sealed record StorageRequest
{
    /// <summary>Size, a Kubernetes quantity. Default <c>20Gi</c>.</summary>
    public string Size { get; init; } = "20Gi";

    /// <summary>
    /// Whether it outlives the pod. Default true. A worker without a lasting disk is another node, without stake and reputation, each time it starts.
    /// </summary>
    public bool Persistent { get; init; } = true;

    /// <summary>Storage class. Default empty: the cluster's.</summary>
    public string ClassName { get; init; } = "";

    /// <summary>Part of the disk, in percent, for shards; the rest is for evidence. Default 70.</summary>
    public int CachePercent { get; init; } = 70;
}

/// <summary>A taint that a worker tolerates, as in a pod.</summary>
public sealed record TolerationRule
{
    /// <summary>Key; empty with <c>Exists</c> tolerates all.</summary>
    public string Key { get; init; } = "";

    /// <summary><c>Exists</c> or <c>Equal</c>. Default <c>Exists</c>.</summary>
    public string Operator { get; init; } = "Exists";

    /// <summary>Value, with <c>Equal</c>.</summary>
    public string Value { get; init; } = "";

    /// <summary><c>NoSchedule, PreferNoSchedule, NoExecute</c>; empty tolerates all.</summary>
    public string Effect { get; init; } = "";
}
