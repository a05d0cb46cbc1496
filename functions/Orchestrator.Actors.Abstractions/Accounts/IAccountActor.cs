using Dapr.Actors;

namespace Orchestrator.Actors;

/// <summary>
/// Balance, holds and outgoing payouts of one account (actor id = account id: an API key's account, a host, or
/// <c>protocol</c>). Amounts are micro-credits. Every operation is idempotent by its id and safe to repeat at any later time.
/// Money is never created but by <see cref="CreditAsync"/> whose source has already given it up.
/// </summary>
public interface IAccountActor : IActor
{
    /// <summary>Adds money. The same <see cref="Credit.EventId"/> adds it once.</summary>
    Task<AccountState> CreditAsync(Credit credit);

    /// <summary>
    /// Sets money aside for a job until <see cref="Hold.ExpiresAt"/>; an unsettled hold is released by then. Repeating it with the same job changes nothing.
    /// </summary>
    Task<HoldResult> HoldAsync(Hold hold);

    /// <summary>
    /// Turns a job's hold into payouts and releases the rest. Payouts above the hold are refused. Repeating it returns the same payouts,
    /// each of which the caller credits to its account and then confirms.
    /// </summary>
    Task<SettleResult> SettleAsync(Settlement settlement);

    /// <summary>Marks a payout as credited; it stops counting as in flight.</summary>
    Task ConfirmPayoutAsync(string eventId);

    /// <summary>Releases a job's hold in full; nothing happens when it is gone or settled.</summary>
    Task ReleaseAsync(string job);

    /// <summary>The account now.</summary>
    Task<AccountState> GetAsync();
}

/// <summary>Money coming in.</summary>
/// <param name="EventId">Unique for this transfer, e.g. <c>payout:job-…:n-…</c>.</param>
/// <param name="Amount">Micro-credits, above 0.</param>
/// <param name="Reason">For the statement.</param>
public sealed record Credit(string EventId, long Amount, string Reason);

/// <summary>Money set aside for a job.</summary>
/// <param name="Job">The job id.</param>
/// <param name="Amount">Micro-credits, 0 or more.</param>
/// <param name="ExpiresAt">When it is released unless settled.</param>
public sealed record Hold(string Job, long Amount, DateTimeOffset ExpiresAt);

/// <summary>Whether a hold was made.</summary>
/// <param name="Accepted">False when the balance does not cover it.</param>
/// <param name="Available">Balance not on hold, after the call.</param>
public sealed record HoldResult(bool Accepted, long Available);

/// <summary>How a hold is paid out.</summary>
/// <param name="Job">The job whose hold is spent.</param>
/// <param name="Payouts">Who gets what.</param>
public sealed record Settlement(string Job, IReadOnlyList<Payout> Payouts);

/// <summary>One transfer out.</summary>
/// <param name="EventId">Unique for this transfer; becomes the <see cref="Credit.EventId"/>.</param>
/// <param name="Account">Account id that receives it.</param>
/// <param name="Amount">Micro-credits, above 0.</param>
public sealed record Payout(string EventId, string Account, long Amount);

/// <summary>The outcome of a settlement.</summary>
/// <param name="Status">What happened.</param>
/// <param name="Payouts">Payouts not yet confirmed.</param>
/// <param name="Refunded">Part of the hold that went back to the balance.</param>
public sealed record SettleResult(SettleStatus Status, IReadOnlyList<Payout> Payouts, long Refunded);

/// <summary>Outcome of a settlement.</summary>
public enum SettleStatus
{
    /// <summary>Settled now or before.</summary>
    Settled,

    /// <summary>There is no such hold: it expired or was released.</summary>
    NoHold,

    /// <summary>Payouts exceed the hold; nothing changed.</summary>
    ExceedsHold,
}

/// <summary>An account's books.</summary>
/// <param name="Account">Account id.</param>
/// <param name="Available">Spendable.</param>
/// <param name="Held">Sum of open holds.</param>
/// <param name="InFlight">Sum of payouts not yet confirmed.</param>
/// <param name="Version">Rises with every change.</param>
public sealed record AccountState(string Account, long Available, long Held, long InFlight, long Version);
