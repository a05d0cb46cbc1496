using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.Core.Settlement;

namespace Orchestrator.ControlPlane.Activities;

/// <summary>Chains of a job to dispatch, look after or cancel.</summary>
public sealed record DispatchRequest(JobSpec Job, IReadOnlyList<DispatchedChain> Chains);

/// <summary>A chain number and its dispatch attempt, both 0-based.</summary>
public sealed record ChainNumber(int Chain, int Attempt);

/// <summary>Chains to plan.</summary>
/// <param name="Job">For which job.</param>
/// <param name="Wanted">Numbers of the chains wanted.</param>
/// <param name="Hosts">Hosts of chains that go on: no new chain may share one.</param>
/// <param name="Failed">Nodes that failed this job: taken only when there is no other way.</param>
/// <param name="Class">Class of the chains that go on; null for any, and for several where the job's chains are compared within tolerance.</param>
/// <param name="FailedAt">When the last of them failed; null before the first failure.</param>
public sealed record PlanRequest(
    JobSpec Job, IReadOnlyList<ChainNumber> Wanted, IReadOnlyList<string> Hosts, IReadOnlyList<NodeId> Failed, ExecutionClass? Class, DateTimeOffset? FailedAt = null);

/// <summary>Chains planned, all or none.</summary>
/// <param name="Chains">Empty when there is no capacity now.</param>
/// <param name="Problem">Why there is none.</param>
public sealed record PlanAnswer(IReadOnlyList<DispatchedChain> Chains, string? Problem);

/// <summary>Whether the money was set aside.</summary>
public sealed record HoldAnswer(bool Accepted, string Message);

/// <summary>A job to pay for.</summary>
/// <param name="Job">Which job.</param>
/// <param name="Outcome">How it ended; whoever waits for it hears of it as soon as the hold is settled.</param>
/// <param name="Rewards">Who gets what.</param>
/// <param name="DecidedAt">The workflow's time of decision, the same on every repeat.</param>
public sealed record SettleRequest(JobSpec Job, JobOutcome Outcome, Rewards Rewards, DateTimeOffset DecidedAt);

/// <summary>Whether a job was paid for.</summary>
/// <param name="Paid">False when its hold was gone.</param>
public sealed record SettleAnswer(bool Paid);
