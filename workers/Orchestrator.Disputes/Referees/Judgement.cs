using Orchestrator.Contracts;

namespace Orchestrator.Disputes.Referees;

/// <summary>What a referee found, before it is signed.</summary>
/// <param name="Outcome">Who is right.</param>
/// <param name="StepsPerPass">Steps of one pass of the shard.</param>
/// <param name="Correct">The right leaf or chunk hash; null when it was not computed.</param>
/// <param name="Reason">For people.</param>
public sealed record Judgement(RefereeOutcome Outcome, int StepsPerPass, Digest? Correct, string Reason);
