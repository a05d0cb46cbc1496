using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.Core.Accounts;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Activities;

/// <summary>
/// Pays for an agreed answer: turns the hold into payouts, credits and confirms each, books what the nodes earned. Every step is
/// idempotent by its own id, so the whole may run again from the start after any failure and ends in the same books.
/// </summary>
public sealed class SettleActivity(IActorProxyFactory actors, JobSignals signals, ControlPlaneMetrics metrics) : IActivity<SettleRequest, SettleAnswer>
{
    /// <summary>Registered name.</summary>
    public const string Name = "settle";

    /// <inheritdoc />
    public async Task<SettleAnswer> RunAsync(ActivityContext context, SettleRequest input)
    {
        var payer = actors.Account(input.Job.Owner);
        var settled = await payer.SettleAsync(new Settlement(input.Job.Job.Value, input.Rewards.Payouts, input.DecidedAt));
        if (settled.Status != SettleStatus.Settled)
            return new SettleAnswer(false);
        signals.Settled(input.Job.Job, new JobOutcome(JobPhase.Completed, input.Answer, null));
        await Task.WhenAll(
            Task.WhenAll(settled.Payouts.Select(p => PayAsync(payer, p, input, settled.IssuedAt))),
            Task.WhenAll(input.Rewards.Stages.GroupBy(s => s.Work.Node).Select(g => actors.Node(g.Key).RecordEarningAsync(new NodeEarning(
                $"earn:{input.Job.Job}", input.Job.Job.Value, g.Sum(s => s.LayerTokens), g.Sum(s => s.Amount), settled.IssuedAt)))));
        metrics.Charged(input.Answer.Info.Price.Charged);
        return new SettleAnswer(true);
    }

    private async Task PayAsync(IAccountActor payer, Payout payout, SettleRequest input, DateTimeOffset issued)
    {
        var credited = await actors.Account(payout.Account).CreditAsync(new Credit(payout.EventId, payout.Amount, $"job {input.Job.Job}", issued));
        if (credited.Status != CreditStatus.TooOld)
            await payer.ConfirmPayoutAsync(payout.EventId);
    }
}
