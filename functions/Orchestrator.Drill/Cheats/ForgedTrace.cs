using System.Runtime.InteropServices;
using Orchestrator.Contracts;
using Orchestrator.Disputes.Traces;
using Orchestrator.Sharder.Operators;

namespace Orchestrator.Drill.Cheats;

/// <summary>A trace with one operator's output altered in every pass, for liars who must answer a dispute with something.</summary>
public sealed class ForgedTrace(ITracedShard honest) : ITracedShard
{
    /// <inheritdoc />
    public TraceLayout Layout => honest.Layout;

    /// <inheritdoc />
    public IReadOnlyList<Tensor> EmptyCaches() => honest.EmptyCaches();

    /// <inheritdoc />
    public PassTrace Run(ReceivedPass received, IReadOnlyList<Tensor> caches)
    {
        var trace = honest.Run(received, caches);
        var values = new Dictionary<string, Tensor>(trace.Values, StringComparer.Ordinal);
        string name = Layout.Operators.Skip(Layout.Operators.Count / 2).SelectMany(op => op.Outputs).First(o => values[o].Type == ElementType.Float32 && !values[o].Bytes.IsEmpty);
        byte[] bytes = values[name].Bytes.ToArray();
        MemoryMarshal.Cast<byte, float>(bytes.AsSpan())[0] += 1;
        values[name] = values[name] with { Bytes = bytes };
        return new PassTrace(Layout, received.Pass, trace.OutputsOf(0), values);
    }

    /// <inheritdoc />
    public void Dispose() => honest.Dispose();
}
