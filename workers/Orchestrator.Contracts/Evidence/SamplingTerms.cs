namespace Orchestrator.Contracts;

/// <summary>What the platform says of how the tokens of a session had to be drawn. Signed, so that it cannot tell a challenger one thing and its referee another unseen.</summary>
/// <param name="SchemaVersion">Version of this record.</param>
/// <param name="Job">The job.</param>
/// <param name="Session">The session.</param>
/// <param name="Sampling">Temperature, penalties, bias and seed; nothing that draws do not depend on.</param>
public sealed record SamplingTerms(int SchemaVersion, JobId Job, SessionId Session, SamplingParameters Sampling)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;
}
