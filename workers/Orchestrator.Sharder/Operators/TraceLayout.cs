using Orchestrator.Contracts;

namespace Orchestrator.Sharder.Operators;

/// <summary>
/// How the trace of a shard is laid out. A pass has <see cref="StepsPerPass"/> steps: step 0 is what was received, step k is operator
/// k - 1 of <see cref="Operators"/>.
/// </summary>
/// <param name="Operators">All operators in execution order.</param>
/// <param name="Received">Names of the received values: model inputs, then received tensors, in manifest order.</param>
/// <param name="Sends">Where each tensor of <see cref="ShardManifest.Sends"/> comes from.</param>
/// <param name="Presents">Where each cache's present comes from, in the order of <see cref="ShardManifest.Caches"/>.</param>
public sealed record TraceLayout(
    IReadOnlyList<ShardOperator> Operators,
    IReadOnlyList<string> Received,
    IReadOnlyList<ValueSource> Sends,
    IReadOnlyList<ValueSource> Presents)
{
    /// <summary>Steps of one pass.</summary>
    public int StepsPerPass => 1 + Operators.Count;

    /// <summary>The step that puts out a value which is read in pass <paramref name="pass"/>; null for a cache before the first pass, which is empty.</summary>
    public (int Step, int Output)? StepOf(ValueSource source, int pass) => source.Kind switch
    {
        ValueKind.Received => (pass * StepsPerPass, source.Index),
        ValueKind.Computed => (pass * StepsPerPass + 1 + source.Index, source.Output),
        _ => pass == 0 ? null : ((pass - 1) * StepsPerPass + 1 + source.Index, source.Output),
    };

    /// <summary>How many tensors a step puts out.</summary>
    public int OutputsOf(int step) => step % StepsPerPass is > 0 and var k ? Operators[k - 1].Outputs.Count : Received.Count;

    internal static TraceLayout Of(IReadOnlyList<ShardOperator> operators, ShardManifest shard)
    {
        var made = new Dictionary<string, ValueSource>(StringComparer.Ordinal);
        foreach (var op in operators)
        {
            for (int output = 0; output < op.Outputs.Count; output++)
                made.TryAdd(op.Outputs[output], new ValueSource(ValueKind.Computed, op.Index, output));
        }

        ValueSource Made(string name) => made.TryGetValue(name, out var source) ? source
            : throw new InvalidDataException($"No operator of stage {shard.Stage} makes '{name}', which the manifest says it puts out.");
        string[] received = ShardSources.Received(shard);
        ValueSource Sent(BoundaryTensor tensor) => tensor.Consumed ? Made(tensor.Name) : new ValueSource(ValueKind.Received, Array.IndexOf(received, tensor.Name), 0);
        return new TraceLayout(operators, received, [.. shard.Sends.Select(Sent)], [.. shard.Caches.Select(cache => Made(cache.Present))]);
    }
}
