using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ledger;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Stake;

/// <summary>The steps of a <see cref="BondTransfer"/>, each idempotent by the bond's event id.</summary>
public sealed class BondActivity(IActorProxyFactory actors, StakeDesk desk) : IActivity<BondOrder, BondOutcome>
{
    /// <summary>Registered name.</summary>
    public const string Name = "bond";

    // Money set aside by a step whose repeat never came goes back.
    private static readonly TimeSpan HoldTime = TimeSpan.FromHours(1);

    /// <inheritdoc />
    public async Task<BondOutcome> RunAsync(ActivityContext context, BondOrder input)
    {
        var payer = actors.Account(input.Payer);
        string owner = await actors.Stake(input.Node).ClaimAsync(input.Payer);
        if (owner != input.Payer)
            return new BondOutcome($"The node's stake belongs to account {owner}, which must withdraw it first.");
        var held = await payer.HoldAsync(new Hold(input.EventId, input.Amount, input.IssuedAt + HoldTime));
        if (held.Status is not (HoldStatus.Held or HoldStatus.Closed))
        {
            return new BondOutcome(held.Status == HoldStatus.InsufficientFunds
                ? $"Account {input.Payer} has {held.Available} of {input.Amount} micro-credits."
                : $"Account {input.Payer} could not be charged ({held.Status}). Try again under a new event id.");
        }

        var settled = await payer.SettleAsync(new Settlement(
            input.EventId, [new Payout(input.EventId, LedgerAccounts.Bonded(input.Node), input.Amount)], input.IssuedAt));
        if (settled.Status != SettleStatus.Settled)
            return new BondOutcome("The money was not set aside in time and is back in the account. Try again under a new event id.");
        if (settled.Payouts.Count == 0)
            return new BondOutcome(null);
        var bonded = await desk.BondAsync(input.Node, new Bond(input.EventId, input.Payer, input.Amount, settled.IssuedAt), context.CancellationToken);
        if (bonded.Status is not (StakeStatus.Applied or StakeStatus.Duplicate))
        {
            await payer.SuspendPayoutsAsync([input.EventId]);
            return new BondOutcome($"The stake did not take the money in ({bonded.Status}); it is in suspense for an operator to look at.");
        }

        await payer.ConfirmPayoutsAsync([input.EventId]);
        return new BondOutcome(null);
    }
}
