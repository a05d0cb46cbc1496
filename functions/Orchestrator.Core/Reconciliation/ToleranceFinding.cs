using Orchestrator.Contracts;

namespace Orchestrator.Core.Reconciliation;

/// <summary>What came of running one chain's stages again, each on the inputs it committed to, on the nodes of a chain of another class.</summary>
/// <param name="Session">Session of the chain that was run again.</param>
/// <param name="By">Session of the chain whose nodes ran it.</param>
/// <param name="Within">Every output lies within the calibrated limits and every draw within the margin of near-ties, or a referee found so.</param>
/// <param name="Note">For people.</param>
public sealed record ToleranceFinding(SessionId Session, SessionId By, bool Within, string Note);

/// <summary>A chain whose stages another's nodes have to run again.</summary>
/// <param name="Chain">The chain to run again.</param>
/// <param name="By">The chain whose nodes run it.</param>
public sealed record ToCompare(int Chain, int By);
