namespace Orchestrator.Contracts;

/// <summary>A stage's signed record of its part in a job.</summary>
/// <param name="SchemaVersion">Version of this record.</param>
/// <param name="Node">The node; must equal the id derived from the signing key.</param>
/// <param name="Job">The job.</param>
/// <param name="Session">The chain's session.</param>
/// <param name="Manifest">SHA-256 of the model's manifest.</param>
/// <param name="Stage">The stage it ran.</param>
/// <param name="Layers">The layers it ran.</param>
/// <param name="Class">The numerical class it ran in.</param>
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
    ExecutionClass Class,
    IReadOnlyList<ChoiceCommitment> Choices,
    int Steps,
    long ComputeMicroseconds,
    DateTimeOffset IssuedAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}

/// <summary>What a stage commits to for one choice.</summary>
/// <param name="Tokens">Positions it ran (prompt and completion).</param>
/// <param name="Input">SHA-256 over all it received, in order; see <c>Orchestrator.Verification.BoundaryHash</c>.</param>
/// <param name="Output">SHA-256 over all it put out, in order; equal to the next stage's <see cref="Input"/> on an honest link.</param>
public sealed record ChoiceCommitment(int Tokens, Digest Input, Digest Output);
