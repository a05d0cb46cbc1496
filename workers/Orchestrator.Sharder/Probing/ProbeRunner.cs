using Google.Protobuf;
using Orchestrator.Contracts;
using Orchestrator.Sharder.Classification;
using Orchestrator.Sharder.Model;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Probing;

/// <summary>
/// Learns the type and the axes of every placed value by running the model on three small passes and seeing which lengths follow
/// the batch, the pass and the total. No shape inference is needed.
/// </summary>
internal static class ProbeRunner
{
    private static readonly ProbePass[] Passes = [new(1, 2, 3), new(1, 3, 5), new(2, 4, 0)];

    /// <summary>Shortest context a probe fits in, in tokens.</summary>
    public static int ShortestContext => Passes.Max(pass => pass.Total);

    /// <summary>Runs the probe and returns a spec for each placed value (null for others), by value number.</summary>
    /// <exception cref="InvalidDataException">The runtime refuses the model.</exception>
    public static TensorSpec?[] Run(IModelRuntime runtime, ModelProto model, ModelGraph graph, ModelSignature signature, Classes classes, int context, string folder)
    {
        int[] probed = [.. graph.Nodes.Where(node => Classes.IsPlaced(classes.Nodes[node.Index])).SelectMany(node => node.Outputs)];
        string path = Path.Combine(folder, "probe.onnx");
        WithOutputs(model, graph, probed, path);
        string[] names = [.. probed.Select(value => graph.Values[value].Name)];
        using var session = runtime.Load(path);
        var runs = new List<(ProbePass Pass, IReadOnlyDictionary<string, Tensor> Values)>();
        foreach (var pass in Passes)
        {
            try
            {
                runs.Add((pass, session.Run(pass.Inputs(signature), names)));
            }
            catch (InvalidDataException) when (pass.Batch > 1)
            {
                // The model takes one sequence at a time; AxesOf then takes a leading 1 for the batch.
            }
        }

        var specs = new TensorSpec?[graph.Values.Count];
        foreach (int value in probed)
            specs[value] = SpecOf([.. runs.Select(run => (run.Pass, run.Values[graph.Values[value].Name]))], context);
        return specs;
    }

    private static void WithOutputs(ModelProto model, ModelGraph graph, int[] probed, string path)
    {
        var outputs = model.Graph.Output;
        int original = outputs.Count;
        var present = outputs.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        outputs.AddRange(probed.Select(value => graph.Values[value].Name).Where(present.Add).Select(name => new ValueInfoProto { Name = name }));
        using (var file = File.Create(path))
            model.WriteTo(file);
        while (outputs.Count > original)
            outputs.RemoveAt(outputs.Count - 1);
    }

    private static TensorSpec SpecOf((ProbePass Pass, Tensor Tensor)[] runs, int context)
    {
        var first = runs[0].Tensor;
        long[] shape = [.. first.Shape.Select((_, axis) => AxisOf(runs, axis))];
        bool known = Enum.IsDefined(first.Type) && !shape.Contains(TensorSizes.Unknown);
        return new TensorSpec(first.Type, shape, known ? TensorSizes.BytesPerToken(first.Type, shape, context) : 0);
    }

    private static long AxisOf((ProbePass Pass, Tensor Tensor)[] runs, int axis)
    {
        if (runs.Any(run => run.Tensor.Shape.Length != runs[0].Tensor.Shape.Length))
            return TensorSizes.Unknown;
        bool Follows(Func<ProbePass, long> length) => runs.All(run => run.Tensor.Shape[axis] == length(run.Pass));
        bool batched = runs.Any(run => run.Pass.Batch > 1);
        long fixedLength = runs[0].Tensor.Shape[axis];
        if (Follows(pass => pass.Batch) && (batched || axis == 0 && runs[0].Tensor.Shape.Length > 1))
            return TensorSizes.Batch;
        if (Follows(_ => fixedLength))
            return fixedLength > 0 ? fixedLength : TensorSizes.Unknown;
        if (Follows(pass => pass.Sequence))
            return TensorSizes.Sequence;
        return Follows(pass => pass.Total) ? TensorSizes.Total : TensorSizes.Unknown;
    }
}
