using Dapr.Actors;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Actors;

/// <summary>
/// Balance, holds and outgoing payouts of one account (actor id = account id: an API key's account, a host, or
/// <c>protocol</c>). Amounts are micro-credits. Every operation is idempotent by its id and safe to repeat at any later time.
/// Money is never created but by <see cref="CreditAsync"/> whose source has already given it up.
/// </summary>
public interface IAccountActor : IActor
{
    /// <summary>Adds money. The same <see cref="Credit.EventId"/> adds it once.</summary>
    Task<CreditResult> CreditAsync(Credit credit);

    /// <summary>
    /// Sets money aside for a job until <see cref="Hold.ExpiresAt"/>; an unsettled hold is released by then. Repeating it with the same job changes nothing.
    /// </summary>
    Task<HoldResult> HoldAsync(Hold hold);

    /// <summary>
    /// Turns a job's hold into payouts and releases the rest. Payouts above the hold are refused. Repeating it returns the same payouts less those
    /// confirmed; the caller credits each to its account and then confirms it.
    /// </summary>
    Task<SettleResult> SettleAsync(Settlement settlement);

    /// <summary>Marks payouts as credited; they stop counting as in flight. Unknown ids are ignored.</summary>
    Task ConfirmPayoutsAsync(IReadOnlyList<string> eventIds);

    /// <summary>Puts payouts that their receivers refused as too late in suspense, for a person to decide. Unknown ids are ignored.</summary>
    Task SuspendPayoutsAsync(IReadOnlyList<string> eventIds);

    /// <summary>
    /// Ends a suspense; null when there is no such payout. One that is to be paid again is settled under <see cref="LedgerSide.Again"/>, and the caller sees to it
    /// as to every other settlement.
    /// </summary>
    Task<Suspended?> ResolveSuspenseAsync(SuspenseDecision decision);

    /// <summary>The account's side of the trial balance.</summary>
    Task<LedgerStatement> StatementAsync(StatementQuery query);

    /// <summary>Releases a job's hold in full; nothing happens when it is gone or settled.</summary>
    Task ReleaseAsync(string job);

    /// <summary>The last jobs that money was asked for, newest first; at most 256. Those that were refused for lack of money are among them.</summary>
    Task<IReadOnlyList<string>> JobsAsync();

    /// <summary>The account now.</summary>
    Task<AccountState> GetAsync();
}
