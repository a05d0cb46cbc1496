namespace Orchestrator.Sharder.Operators;

/// <summary>One operator of a shard, as a step of a trace.</summary>
/// <param name="Index">0-based place in execution order.</param>
/// <param name="Name">Node name, as the exporter wrote it; may be empty.</param>
/// <param name="Type">Operator type, e.g. <c>MatMul</c>.</param>
/// <param name="Inputs">Every value it reads that is not a constant of the shard, each once; values captured by nested graphs included.</param>
/// <param name="Outputs">Names of the values it makes; 1 or more.</param>
public sealed record ShardOperator(int Index, string Name, string Type, IReadOnlyList<OperatorInput> Inputs, IReadOnlyList<string> Outputs);

/// <summary>A value that an operator reads.</summary>
/// <param name="Value">Its name.</param>
/// <param name="Source">Where it comes from.</param>
public readonly record struct OperatorInput(string Value, ValueSource Source);

/// <summary>Where a value of a pass comes from.</summary>
/// <param name="Kind">Which of the places.</param>
/// <param name="Index">
/// Number of the received value (<see cref="ValueKind.Received"/>), of the operator of this pass (<see cref="ValueKind.Computed"/>), or of
/// the operator of the pass before that made it (<see cref="ValueKind.Past"/>).
/// </param>
/// <param name="Output">Which of that operator's outputs; 0 for a received value.</param>
/// <param name="Cache">For <see cref="ValueKind.Past"/>: number of the shard's cache, which is empty before the first pass; otherwise -1.</param>
public readonly record struct ValueSource(ValueKind Kind, int Index, int Output, int Cache = -1);

/// <summary>The places a value can come from.</summary>
public enum ValueKind
{
    /// <summary>Model inputs, then received tensors, in manifest order.</summary>
    Received,

    /// <summary>An output of an operator of the same pass.</summary>
    Computed,

    /// <summary>An output of an operator of the pass before: a key/value cache.</summary>
    Past,
}
