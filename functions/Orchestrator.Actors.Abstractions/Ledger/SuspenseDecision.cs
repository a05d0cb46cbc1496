using Orchestrator.Core.Ledger;

namespace Orchestrator.Actors;

/// <summary>What becomes of a payout in suspense.</summary>
/// <param name="Id">The payout's event id.</param>
/// <param name="End">How it ends.</param>
public sealed record SuspenseDecision(string Id, SuspenseEnd End);
