using Orchestrator.Contracts;
using Orchestrator.Sharder.Operators;
using Orchestrator.Verification;

namespace Orchestrator.Disputes.Traces;

/// <summary>Every value of one pass.</summary>
/// <param name="layout">How its steps are laid out.</param>
/// <param name="pass">Where it lies.</param>
/// <param name="received">Outputs of step 0.</param>
/// <param name="values">Outputs of all operators by name.</param>
public sealed class PassTrace(TraceLayout layout, ChunkPass pass, IReadOnlyList<Tensor> received, IReadOnlyDictionary<string, Tensor> values)
{
    /// <summary>Where the pass lies.</summary>
    public ChunkPass Pass => pass;

    /// <summary>What a step of the pass put out, in order.</summary>
    /// <param name="step">0 to the steps of a pass.</param>
    public IReadOnlyList<Tensor> OutputsOf(int step) => step == 0 ? received : [.. layout.Operators[step - 1].Outputs.Select(name => values[name])];

    /// <summary>One value made in this pass.</summary>
    public Tensor this[ValueSource source] => source.Kind == ValueKind.Received ? received[source.Index] : values[layout.Operators[source.Index].Outputs[source.Output]];

    /// <summary>All values of operators, by name.</summary>
    public IReadOnlyDictionary<string, Tensor> Values => values;

    /// <summary>Digests of what a step put out, in order.</summary>
    public IReadOnlyList<Digest> DigestsOf(int step) => [.. OutputsOf(step).Select(TraceHash.Of)];

    /// <summary>Caches for the next pass.</summary>
    public IReadOnlyList<Tensor> Caches() => [.. layout.Presents.Select(present => this[present])];

    /// <summary>What the stage sends, in manifest order.</summary>
    public IReadOnlyList<Tensor> Sends() => [.. layout.Sends.Select(send => this[send])];
}
