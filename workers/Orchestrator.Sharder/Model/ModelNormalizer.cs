using Orchestrator.Contracts;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Model;

/// <summary>
/// Leaves only what inference needs: no initializers among the inputs (IR before 4), no outputs besides logits and caches. Where the
/// graph asks for the shape of the token ids it is pointed at the positions, which have the same shape and are in every shard.
/// </summary>
internal static class ModelNormalizer
{
    /// <summary>Changes the model in place and returns the names of the outputs it dropped.</summary>
    public static IReadOnlyList<string> Normalize(ModelProto model, ModelSignature signature)
    {
        var graph = model.Graph;
        var initializers = graph.Initializer.Select(tensor => tensor.Name).ToHashSet(StringComparer.Ordinal);
        Keep(graph.Input, input => !initializers.Contains(input.Name));
        var kept = signature.Caches.Select(cache => cache.Present).Append(signature.Logits).ToHashSet(StringComparer.Ordinal);
        string[] dropped = [.. graph.Output.Select(output => output.Name).Where(name => !kept.Contains(name))];
        Keep(graph.Output, output => kept.Contains(output.Name));
        if (signature.Controls.FirstOrDefault(control => control.Role == InputRole.PositionIds) is { } positions)
            ShapeFrom(graph, signature.Tokens, positions.Name);
        return dropped;
    }

    private static void ShapeFrom(GraphProto graph, string tokens, string positions)
    {
        foreach (var node in graph.Node.Where(node => node.OpType is "Shape" or "Size" && node.Input.Count == 1 && node.Input[0] == tokens))
            node.Input[0] = positions;
    }

    private static void Keep(Google.Protobuf.Collections.RepeatedField<ValueInfoProto> values, Func<ValueInfoProto, bool> wanted)
    {
        ValueInfoProto[] kept = [.. values.Where(wanted)];
        values.Clear();
        values.AddRange(kept);
    }
}
