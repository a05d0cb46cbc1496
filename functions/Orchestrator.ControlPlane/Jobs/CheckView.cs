using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>An audit or a dispute of a job's answer.</summary>
/// <param name="Id">The audit or dispute.</param>
/// <param name="Kind"><c>audit</c> or <c>dispute</c>.</param>
/// <param name="Chain">Chain that is checked.</param>
/// <param name="Stage">Its stage.</param>
/// <param name="Node">Who ran it.</param>
/// <param name="Verdict"><c>running</c> until it has ended; then <c>passed, wrong, undecided</c> or <c>not_done</c>.</param>
/// <param name="Note">What was found; null while it runs.</param>
public sealed record CheckView(string Id, string Kind, int Chain, int Stage, NodeId Node, string Verdict, string? Note);
