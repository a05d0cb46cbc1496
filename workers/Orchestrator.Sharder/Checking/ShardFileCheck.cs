using Orchestrator.Contracts;
using Orchestrator.Sharder.Model;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Checking;

/// <summary>Checks that a shard's file is the one the manifest names and takes and gives the tensors the manifest names.</summary>
internal static class ShardFileCheck
{
    /// <summary>What is wrong with the file.</summary>
    public static async Task<IReadOnlyList<string>> CheckAsync(ShardManifest stage, KvLayout layout, string path, CancellationToken cancel)
    {
        if (!File.Exists(path))
            return [$"Stage {stage.Stage}: the shard {stage.Blob.Short} is missing."];
        await using (var file = File.OpenRead(path))
        {
            if (file.Length != stage.Bytes)
                return [$"Stage {stage.Stage}: the shard has {file.Length} bytes; the manifest says {stage.Bytes}."];
            var digest = await Digest.OfAsync(file, cancel);
            if (digest != stage.Blob)
                return [$"Stage {stage.Stage}: the shard's digest is {digest.Short}; the manifest says {stage.Blob.Short}."];
        }

        try
        {
            return Compare(stage, layout, ModelReader.Read(path).Graph);
        }
        catch (InvalidDataException e)
        {
            return [$"Stage {stage.Stage}: {e.Message}"];
        }
    }

    private static List<string> Compare(ShardManifest stage, KvLayout layout, GraphProto graph)
    {
        var problems = new List<string>();
        var inputs = stage.ModelInputs.Select(input => (input.Name, input.Spec))
            .Concat(stage.Receives.Where(tensor => tensor.Consumed).Select(tensor => (tensor.Name, tensor.Spec)))
            .Concat(stage.Caches.Select(cache => (Name: cache.Past, cache.Spec)));
        var outputs = stage.Sends.Where(tensor => tensor.Consumed).Select(tensor => (tensor.Name, tensor.Spec))
            .Concat(stage.Caches.Select(cache => (Name: cache.Present, cache.Spec)));
        Match($"Stage {stage.Stage}: graph input", graph.Input, inputs, problems);
        Match($"Stage {stage.Stage}: graph output", graph.Output, outputs, problems);
        if (layout == KvLayout.Shared && graph.Node.Count(node => node.OpType == "GroupQueryAttention") < stage.Layers.Count)
            problems.Add($"Stage {stage.Stage}: the manifest says past and present share buffers, but the graph has no GroupQueryAttention for every layer.");
        return problems;
    }

    private static void Match(string what, IEnumerable<ValueInfoProto> graph, IEnumerable<(string Name, TensorSpec Spec)> manifest, List<string> problems)
    {
        var left = new Dictionary<string, TensorSpec>(StringComparer.Ordinal);
        foreach (var (name, spec) in manifest)
            left[name] = spec;
        foreach (var value in graph)
        {
            if (!left.Remove(value.Name, out var spec))
                problems.Add($"{what} '{ModelChecks.Printable(value.Name)}' is not in the manifest.");
            else if (value.Type?.TensorType is not { } type || type.ElemType != (int)spec.ElementType || !Fits(type.Shape, spec))
                problems.Add($"{what} '{ModelChecks.Printable(value.Name)}' has another type or shape than the manifest says.");
        }

        problems.AddRange(left.Keys.Select(name => $"{what} '{ModelChecks.Printable(name)}' is in the manifest but not in the graph."));
    }

    private static bool Fits(TensorShapeProto? shape, TensorSpec spec) =>
        shape is not null && shape.Dim.Count == spec.Shape.Count
        && shape.Dim.Zip(spec.Shape).All(pair => pair.Second < 0 ? !pair.First.HasDimValue : pair.First.DimValue == pair.Second);
}
