using Orchestrator.Contracts;
using Orchestrator.Disputes.Referees;
using Orchestrator.Disputes.Traces;
using Orchestrator.Sharder.Operators;

namespace Orchestrator.Disputes.Tests.Kit;

/// <summary>
/// Alters one output of one operator in one pass and, where it is a number and not a length, goes on from there as if it were right: what
/// follows, caches and commitments included, is computed from the altered value, so nothing but the altered step itself is wrong.
/// </summary>
public sealed class LyingShard(TracedShard honest, OperatorGraph graph, int liedPosition, int liedOperator, int element) : ITracedShard
{
    public TraceLayout Layout => honest.Layout;

    public IReadOnlyList<Tensor> EmptyCaches() => honest.EmptyCaches();

    public PassTrace Run(ReceivedPass received, IReadOnlyList<Tensor> caches)
    {
        var trace = honest.Run(received, caches);
        return received.Pass.Position == liedPosition ? Altered(trace, received, caches) : trace;
    }

    public void Dispose() => honest.Dispose();

    private PassTrace Altered(PassTrace trace, ReceivedPass received, IReadOnlyList<Tensor> caches)
    {
        var first = trace.OutputsOf(0);
        var values = new Dictionary<string, Tensor>(trace.Values);
        string name = Layout.Operators[liedOperator].Outputs[0];
        values[name] = Flip(values[name]);
        foreach (var op in Layout.Operators.Skip(values[name].Type == ElementType.Float32 ? liedOperator + 1 : int.MaxValue))
        {
            var inputs = op.Inputs.ToDictionary(input => input.Value, input => input.Source.Kind switch
            {
                ValueKind.Received => first[input.Source.Index],
                ValueKind.Past => caches[input.Source.Cache],
                _ => values[input.Value],
            });
            foreach (var (output, tensor) in op.Outputs.Zip(OperatorRun.Run(Models.Runtime, graph, op.Index, inputs)))
                values[output] = tensor;
        }

        return new PassTrace(Layout, received.Pass, first, values);
    }

    private Tensor Flip(Tensor tensor)
    {
        byte[] bytes = tensor.Bytes.ToArray();
        int size = TensorSizes.SizeOf(tensor.Type);
        int at = element % (bytes.Length / size) * size;
        if (tensor.Type == ElementType.Float32)
            BitConverter.TryWriteBytes(bytes.AsSpan(at), BitConverter.ToSingle(bytes, at) * 1.25f + 0.125f);
        else
            bytes[at] ^= 1;
        return tensor with { Bytes = bytes };
    }
}
