using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ledger;

namespace Orchestrator.ControlPlane.Accounts;

/// <summary>Takes a settlement's payouts to their accounts. May be repeated after any failure, and ends in the same books.</summary>
public static class PayoutDelivery
{
    /// <summary>Credits each payout, confirms what arrived, and puts what came too late in suspense.</summary>
    /// <param name="actors">The actors.</param>
    /// <param name="payer">Account that pays.</param>
    /// <param name="settled">Its answer to the settlement.</param>
    /// <param name="reason">For the receivers' statements.</param>
    public static async Task DeliverAsync(this IActorProxyFactory actors, string payer, SettleResult settled, string reason)
    {
        var credited = await Task.WhenAll(settled.Payouts.Select(p => actors.Account(p.Account).CreditAsync(
            new Credit(p.EventId, p.Amount, reason, settled.IssuedAt, LedgerAccounts.Account(payer)))));
        var late = settled.Payouts.Where((_, i) => credited[i].Status == CreditStatus.TooOld).Select(p => p.EventId).ToList();
        string[] paid = [.. settled.Payouts.Select(p => p.EventId).Except(late)];
        // One confirmation for all: each costs a turn of the payer, which all of its jobs share.
        if (paid.Length > 0)
            await actors.Account(payer).ConfirmPayoutsAsync(paid);
        if (late.Count > 0)
            await actors.Account(payer).SuspendPayoutsAsync(late);
    }
}
