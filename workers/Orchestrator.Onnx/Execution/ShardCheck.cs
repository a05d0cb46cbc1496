using Microsoft.ML.OnnxRuntime;
using Orchestrator.Contracts;

namespace Orchestrator.Onnx.Execution;

/// <summary>Holds a loaded graph against its manifest, so that a pass can trust both.</summary>
internal static class ShardCheck
{
    /// <summary>Checks names, element types and ranks of everything that is bound.</summary>
    /// <exception cref="InvalidDataException">The graph and the manifest disagree; the message names the tensor.</exception>
    internal static void Verify(InferenceSession session, ShardManifest shard, bool last)
    {
        var inputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, spec) in Inputs(shard))
        {
            if (!inputs.Add(name))
                throw new InvalidDataException($"The manifest of stage {shard.Stage} names input '{name}' twice.");
            Match(session.InputMetadata, name, spec, "input");
        }

        if (session.InputNames.FirstOrDefault(name => !inputs.Contains(name)) is { } unknown)
            throw new InvalidDataException($"Stage {shard.Stage} has an input '{unknown}' that its manifest does not fill.");
        var outputs = new HashSet<string>(StringComparer.Ordinal);
        foreach (var (name, spec) in Outputs(shard))
        {
            if (!outputs.Add(name))
                throw new InvalidDataException($"The manifest of stage {shard.Stage} names output '{name}' twice.");
            Match(session.OutputMetadata, name, spec, "output");
        }

        Roles(shard);
        PassedOn(shard);
        if (last && shard.Sends.Count != 1)
            throw new InvalidDataException("The last stage sends logits only.");
    }

    private static IEnumerable<(string, TensorSpec)> Inputs(ShardManifest shard) =>
    [
        .. shard.ModelInputs.Select(input => (input.Name, input.Spec)),
        .. shard.Receives.Where(tensor => tensor.Consumed).Select(tensor => (tensor.Name, tensor.Spec)),
        .. shard.Caches.Select(cache => (cache.Past, cache.Spec)),
    ];

    private static IEnumerable<(string, TensorSpec)> Outputs(ShardManifest shard) =>
    [
        .. shard.Sends.Where(tensor => tensor.Consumed).Select(tensor => (tensor.Name, tensor.Spec)),
        .. shard.Caches.Select(cache => (cache.Present, cache.Spec)),
    ];

    private static void Match(IReadOnlyDictionary<string, NodeMetadata> graph, string name, TensorSpec spec, string kind)
    {
        if (!graph.TryGetValue(name, out var actual) || !actual.IsTensor)
            throw new InvalidDataException($"The graph has no tensor {kind} '{name}', which its manifest names.");
        if (!Enum.IsDefined(spec.ElementType))
            throw new InvalidDataException($"The {kind} '{name}' has the unknown element type {(int)spec.ElementType} in its manifest.");
        if ((int)actual.ElementDataType != (int)spec.ElementType)
            throw new InvalidDataException($"The {kind} '{name}' is {actual.ElementDataType}, its manifest says {spec.ElementType}.");
        if (actual.Dimensions.Length > 0 && actual.Dimensions.Length != spec.Shape.Count)
            throw new InvalidDataException($"The {kind} '{name}' has {actual.Dimensions.Length} axes, its manifest says {spec.Shape.Count}.");
    }

    private static void Roles(ShardManifest shard)
    {
        foreach (var input in shard.ModelInputs)
        {
            if (input.Spec.ElementType != ElementType.Int64 || input.Spec.Shape.Count != 2 || !Enum.IsDefined(input.Role))
                throw new InvalidDataException($"The {input.Role} input '{input.Name}' must be int64 with two axes.");
        }
    }

    private static void PassedOn(ShardManifest shard)
    {
        var received = shard.Receives.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        if (shard.Sends.FirstOrDefault(tensor => !tensor.Consumed && !received.Contains(tensor.Name)) is { } missing)
            throw new InvalidDataException($"Stage {shard.Stage} passes on '{missing.Name}', which it does not receive.");
    }
}
