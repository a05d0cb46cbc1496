using Dapr.Actors.Client;
using Orchestrator.Actors;
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
        var payer = actors.Account(input.Job.Owner);
        var settled = await payer.SettleAsync(new Settlement(input.Job.Job.Value, input.Rewards.Payouts, input.DecidedAt));
        if (settled.Status != SettleStatus.Settled)
            return new SettleAnswer(false);
        signals.Settled(input.Job.Job, input.Outcome);
        await Task.WhenAll(
            PayAsync(payer, settled, input),
            Task.WhenAll(input.Rewards.Stages.GroupBy(s => s.Work.Node).Select(g => actors.Node(g.Key).RecordEarningAsync(new NodeEarning(
                $"earn:{input.Job.Job}", input.Job.Job.Value, g.Sum(s => s.LayerTokens), g.Sum(s => s.Amount), settled.IssuedAt)))));
        metrics.Charged(input.Outcome.Charged, input.Job.Assurance.ToString());
        return new SettleAnswer(true);
    }

    /// <summary>One confirmation for all: each costs a turn of the payer, which all of its jobs share.</summary>
    private async Task PayAsync(IAccountActor payer, SettleResult settled, SettleRequest input)
    {
        var credited = await Task.WhenAll(settled.Payouts.Select(p =>
            actors.Account(p.Account).CreditAsync(new Credit(p.EventId, p.Amount, $"job {input.Job.Job}", settled.IssuedAt))));
        string[] paid = [.. settled.Payouts.Where((_, i) => credited[i].Status != CreditStatus.TooOld).Select(p => p.EventId)];
        if (paid.Length > 0)
            await payer.ConfirmPayoutsAsync(paid);
    }
}
