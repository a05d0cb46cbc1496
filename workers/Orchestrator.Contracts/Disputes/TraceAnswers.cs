namespace Orchestrator.Contracts;

/// <summary>
/// States of a party's trace, signed. Two answers of one node to one dispute that give different states or sizes contradict each
/// other: that is proof against it.
/// </summary>
/// <param name="SchemaVersion">Version of this record.</param>
/// <param name="Node">The party; must equal the id derived from the signing key.</param>
/// <param name="Dispute">The dispute.</param>
/// <param name="Class">The numerical class it ran in.</param>
/// <param name="StepsPerPass">Steps of one pass: 1 and the operators of the shard.</param>
/// <param name="TotalSteps">Steps up to the end of the disputed chunk.</param>
/// <param name="Steps">The numbers of steps asked for.</param>
/// <param name="States">The state after each of them.</param>
/// <param name="IssuedAt">When it was signed.</param>
public sealed record TraceStates(
    int SchemaVersion,
    NodeId Node,
    DisputeId Dispute,
    ExecutionClass Class,
    int StepsPerPass,
    long TotalSteps,
    IReadOnlyList<long> Steps,
    IReadOnlyList<Digest> States,
    DateTimeOffset IssuedAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}

/// <summary>The opened leaf of one step, signed.</summary>
/// <param name="SchemaVersion">Version of this record.</param>
/// <param name="Node">The party; must equal the id derived from the signing key.</param>
/// <param name="Dispute">The dispute.</param>
/// <param name="Step">0-based number of the step.</param>
/// <param name="Outputs">Digest of each tensor the step put out; the leaf is the hash over them.</param>
/// <param name="Path">
/// Merkle path of the leaf as the last of <paramref name="Step"/> + 1: with the leaf it gives the state after the step, without it the
/// state before, so one path ties both together.
/// </param>
/// <param name="IssuedAt">When it was signed.</param>
public sealed record TraceLeaf(
    int SchemaVersion,
    NodeId Node,
    DisputeId Dispute,
    long Step,
    IReadOnlyList<Digest> Outputs,
    IReadOnlyList<Digest> Path,
    DateTimeOffset IssuedAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}
