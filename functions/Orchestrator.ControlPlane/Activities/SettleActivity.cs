using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.Core.Accounts;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Activities;

/// <summary>
/// Pays for an agreed answer, or for the start of one that was cancelled: turns the hold into payouts, credits and confirms each, books what the nodes earned. Every step is
/// idempotent by its own id, so the whole may run again from the start after any failure and ends in the same books.
/// </summary>
public sealed class SettleActivity(IActorProxyFactory actors, JobSignals signals, ControlPlaneMetrics metrics) : IActivity<SettleRequest, SettleAnswer>
{
    /// <summary>Registered name.</summary>
    public const string Name = "settle";

    /// <inheritdoc />
    public async Task<SettleAnswer> RunAsync(ActivityContext context, SettleRequest input)
    {
        using var span = JobSpans.Start("settle", input.Job);
        var settled = await actors.Account(input.Job.Owner).SettleAsync(new Settlement(input.Job.Job.Value, input.Rewards.Payouts, input.DecidedAt));
        if (settled.Status != SettleStatus.Settled)
            return new SettleAnswer(false);
        signals.Settled(input.Job.Job, input.Outcome);
        await Task.WhenAll(
            actors.DeliverAsync(input.Job.Owner, settled, $"job {input.Job.Job}"),
            Task.WhenAll(input.Rewards.Stages.GroupBy(s => s.Work.Node).Select(g => actors.Node(g.Key).RecordEarningAsync(new NodeEarning(
                $"earn:{input.Job.Job}", input.Job.Job.Value, g.Sum(s => s.LayerTokens), g.Sum(s => s.Amount), settled.IssuedAt)))));
        metrics.Charged(input.Outcome.Charged, input.Job.Assurance.ToString());
        return new SettleAnswer(true);
    }
}
