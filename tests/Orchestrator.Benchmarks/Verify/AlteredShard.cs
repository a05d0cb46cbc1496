using Orchestrator.Contracts;
using Orchestrator.Disputes.Traces;
using Orchestrator.Sharder.Operators;

namespace Orchestrator.Benchmarks.Verify;

/// <summary>A party that claims another output of one operator in one pass.</summary>
internal sealed class AlteredShard(ITracedShard honest, int position, int index) : ITracedShard
{
    public TraceLayout Layout => honest.Layout;

    public IReadOnlyList<Tensor> EmptyCaches() => honest.EmptyCaches();

    public PassTrace Run(ReceivedPass received, IReadOnlyList<Tensor> caches)
    {
        var trace = honest.Run(received, caches);
        if (received.Pass.Position != position)
            return trace;
        string name = Layout.Operators[index].Outputs[0];
        byte[] altered = trace.Values[name].Bytes.ToArray();
        altered[0] ^= 1;
        var values = new Dictionary<string, Tensor>(trace.Values) { [name] = trace.Values[name] with { Bytes = altered } };
        return new PassTrace(Layout, received.Pass, trace.OutputsOf(0), values);
    }

    public void Dispose() => honest.Dispose();
}
