namespace Orchestrator.Core.Accounts;

/// <summary>How a hold is paid out.</summary>
/// <param name="Job">The job whose hold is spent.</param>
/// <param name="Payouts">Who gets what; event ids distinct; at most <see cref="AccountBook.MaxPayouts"/>.</param>
/// <param name="IssuedAt">The workflow's time of settlement: the same on every repeat.</param>
public sealed record Settlement(string Job, IReadOnlyList<Payout> Payouts, DateTimeOffset IssuedAt);

/// <summary>One transfer out.</summary>
/// <param name="EventId">Unique for this transfer over all jobs; becomes the <see cref="Credit.EventId"/>.</param>
/// <param name="Account">Account id that receives it.</param>
/// <param name="Amount">Micro-credits, above 0.</param>
public sealed record Payout(string EventId, string Account, long Amount);

/// <summary>The outcome of a settlement.</summary>
/// <param name="Status">What happened.</param>
/// <param name="Payouts">Payouts not yet confirmed.</param>
/// <param name="Refunded">Part of the hold that went back to the balance.</param>
/// <param name="IssuedAt">Time of the settlement that counted; becomes <see cref="Credit.IssuedAt"/>.</param>
public sealed record SettleResult(SettleStatus Status, IReadOnlyList<Payout> Payouts, long Refunded, DateTimeOffset IssuedAt);

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
