using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Evidence;

/// <summary>A provisional answer whose evidence is public.</summary>
/// <param name="Job">The job.</param>
/// <param name="Model">Its model.</param>
/// <param name="Manifest">SHA-256 of the model's manifest.</param>
/// <param name="CreatedAt">When it was asked.</param>
/// <param name="OpenUntil">When it becomes final if nobody challenges it; null while that depends on audits alone.</param>
/// <param name="AuditRunning">An audit runs: nobody reads the evidence until it has ended.</param>
/// <param name="Choices">Completions.</param>
/// <param name="Chains">The chains that agreed.</param>
public sealed record OpenAnswerView(
    JobId Job, string Model, Digest Manifest, DateTimeOffset CreatedAt, DateTimeOffset? OpenUntil, bool AuditRunning, int Choices, IReadOnlyList<OpenChainView> Chains);

/// <summary>A chain that agreed on the answer.</summary>
/// <param name="Chain">Its number.</param>
/// <param name="Session">Its session, which a challenge names.</param>
/// <param name="Nodes">Who ran stage 0, 1, …</param>
public sealed record OpenChainView(int Chain, SessionId Session, IReadOnlyList<NodeId> Nodes);

/// <summary>Answers that an outsider may look at and challenge, those that end first at the front.</summary>
public sealed record OpenAnswerList(IReadOnlyList<OpenAnswerView> Answers);
