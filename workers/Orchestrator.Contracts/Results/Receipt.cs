namespace Orchestrator.Contracts;

/// <summary>A stage's signed record of its part in a job. Its payload is canonical: the JSON of this record in declared order, nothing else.</summary>
/// <param name="SchemaVersion">Version of this record.</param>
/// <param name="Node">The node; must equal the id derived from the signing key.</param>
/// <param name="Job">The job.</param>
/// <param name="Session">The chain's session.</param>
/// <param name="Manifest">SHA-256 of the model's manifest.</param>
/// <param name="Stage">The stage it ran.</param>
/// <param name="Layers">The layers it ran.</param>
/// <param name="Shard">SHA-256 of the shard's file; with <paramref name="Class"/> it says whose results must be equal bit for bit.</param>
/// <param name="Class">The numerical class it ran in.</param>
/// <param name="Previous">SHA-256 of the payload of the receipt of the stage before; null on stage 0.</param>
/// <param name="Choices">One per choice, in order.</param>
/// <param name="Steps">Forward passes over all choices.</param>
/// <param name="ComputeMicroseconds">Time inside the runtime over all passes.</param>
/// <param name="IssuedAt">When it was signed.</param>
public sealed record Receipt(
    int SchemaVersion,
    NodeId Node,
    JobId Job,
    SessionId Session,
    Digest Manifest,
    int Stage,
    LayerRange Layers,
    Digest Shard,
    ExecutionClass Class,
    Digest? Previous,
    IReadOnlyList<ChoiceCommitment> Choices,
    int Steps,
    long ComputeMicroseconds,
    DateTimeOffset IssuedAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 2;
}
