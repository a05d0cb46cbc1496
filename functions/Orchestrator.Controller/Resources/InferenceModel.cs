using k8s;
using k8s.Models;

namespace Orchestrator.Controller.Resources;

/// <summary>A model that the platform serves on GPUs of its own; mirrors <c>charts/orchestrator/files/crds/inferencemodels.yaml</c>.</summary>
public sealed class InferenceModel : IKubernetesObject<V1ObjectMeta>
{
    /// <inheritdoc />
    public string ApiVersion { get; set; } = Kinds.Models.ApiVersion;

    /// <inheritdoc />
    public string Kind { get; set; } = Kinds.Models.Kind;

    /// <inheritdoc />
    public V1ObjectMeta Metadata { get; set; } = new();

    /// <summary>What is wanted.</summary>
    public InferenceModelSpec Spec { get; set; } = new();

    /// <summary>What is.</summary>
    public InferenceModelStatus? Status { get; set; }

    /// <summary>Namespace and name, which name it everywhere in this process.</summary>
    public ObjectKey Key() => new(Metadata.NamespaceProperty, Metadata.Name);
}

/// <summary>What is wanted. Defaults are the API server's.</summary>
public sealed record InferenceModelSpec
{
    /// <summary>Which model.</summary>
    public ModelSource Source { get; init; } = new();

    /// <summary>How it was cut.</summary>
    public ModelSharding Sharding { get; init; } = new();

    /// <summary>Workers for each shard.</summary>
    public int Replicas { get; init; } = 1;

    /// <summary>Complete chains without which the model does not count as ready.</summary>
    public int Redundancy { get; init; } = 1;

    /// <summary>Name of a profile.</summary>
    public string ResourceProfile { get; init; } = "cpu";

    /// <summary>The strongest assurance that requests may ask of these workers alone.</summary>
    public string Assurance { get; init; } = "none";
}

/// <summary>Which model.</summary>
public sealed record ModelSource
{
    /// <summary>SHA-256 of its manifest.</summary>
    public string Manifest { get; init; } = "";

    /// <summary>Where it is when the platform does not have it yet; null when it has.</summary>
    public string? Url { get; init; }
}

/// <summary>How a model was cut.</summary>
public sealed record ModelSharding
{
    /// <summary>Shards in a chain.</summary>
    public int Stages { get; init; }
}
