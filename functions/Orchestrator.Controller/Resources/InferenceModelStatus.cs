using k8s.Models;

namespace Orchestrator.Controller.Resources;

/// <summary>What is; written by the controller only.</summary>
public sealed record InferenceModelStatus
{
    /// <summary>Generation of the spec that this is about.</summary>
    public long? ObservedGeneration { get; init; }

    /// <summary>Name that clients use.</summary>
    public string? Model { get; init; }

    /// <summary>Workers that run for the shard that has the fewest.</summary>
    public int? Replicas { get; init; }

    /// <summary>Label selector of the workers.</summary>
    public string? Selector { get; init; }

    /// <summary>Complete chains that can serve now.</summary>
    public int? Chains { get; init; }

    /// <summary>Version of the platform's placement.</summary>
    public long? PlacementVersion { get; init; }

    /// <summary>Every stage.</summary>
    public IReadOnlyList<ShardStatus> Shards { get; init; } = [];

    /// <summary><c>Ready</c>, <c>Progressing</c> and <c>Degraded</c>.</summary>
    public IReadOnlyList<V1Condition> Conditions { get; init; } = [];
}

/// <summary>One stage.</summary>
public sealed record ShardStatus
{
    /// <summary>Place in the chain.</summary>
    public int Stage { get; init; }

    /// <summary>StatefulSet that runs its workers.</summary>
    public string Workload { get; init; } = "";

    /// <summary>Pods that run.</summary>
    public int? Pods { get; init; }

    /// <summary>Pods that answer.</summary>
    public int? ReadyPods { get; init; }

    /// <summary>Live nodes of this workload that hold the shard.</summary>
    public int? Loaded { get; init; }

    /// <summary>Node that each pod is.</summary>
    public IReadOnlyList<PodNode> Nodes { get; init; } = [];
}

/// <summary>The node that a pod is.</summary>
public sealed record PodNode
{
    /// <summary>Name of the pod.</summary>
    public string Pod { get; init; } = "";

    /// <summary>Id of the node.</summary>
    public string Node { get; init; } = "";
}
