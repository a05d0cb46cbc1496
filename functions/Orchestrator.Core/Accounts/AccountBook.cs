using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Accounts;

/// <summary>
/// The books of one account as a pure state machine: every command gives the next book and an answer, and leaves the book as it is (the same
/// object) when there is nothing to do. Money only moves between <see cref="Available"/>, holds, payouts in flight and suspense; a command that would
/// overflow or go below zero throws or is refused, and changes nothing.
/// <para>
/// Memory is bounded: credits by <see cref="RecentEvents"/>, jobs by <see cref="MaxJobs"/>. A closed job may be forgotten once all its payouts are confirmed
/// and its hold has expired, so that a late repeat of it is refused; it is, after <see cref="SettledRetention"/> or when room is needed. Payouts in flight
/// are never forgotten: an account that is full of them (<see cref="MaxInFlight"/>) takes no more holds. So the stored document stays below Dapr's 4 MiB.
/// </para>
/// </summary>
/// <param name="Version">Rises by one with every change.</param>
/// <param name="Available">Spendable micro-credits.</param>
/// <param name="Credited">All money that ever came in.</param>
/// <param name="PaidOut">All payouts ever confirmed.</param>
/// <param name="Clock">The latest time seen; time given to a command never counts as earlier.</param>
/// <param name="Holds">Open holds by job.</param>
/// <param name="Closed">Settled and released jobs.</param>
/// <param name="Credits">Credits applied.</param>
/// <param name="Side">Kept for the trial balance; null in documents from before there was one.</param>
public sealed partial record AccountBook(
    long Version,
    long Available,
    long Credited,
    long PaidOut,
    DateTimeOffset Clock,
    ImmutableDictionary<string, OpenHold> Holds,
    ImmutableDictionary<string, ClosedJob> Closed,
    RecentEvents Credits,
    LedgerSide? Side = null)
{
    /// <summary>Most jobs remembered, open and closed; about 300 bytes each in the stored document.</summary>
    public const int MaxJobs = 4096;

    /// <summary>Payouts in flight from which on no more holds are taken; settlements of open holds may still go beyond it.</summary>
    public const int MaxInFlight = 4096;

    /// <summary>Most payouts of one settlement.</summary>
    public const int MaxPayouts = 1024;

    /// <summary>Most characters of an id.</summary>
    public const int MaxIdLength = 256;

    /// <summary>How long after its hold's expiry a settled job still answers a repeat with <see cref="SettleStatus.Settled"/>.</summary>
    public static readonly TimeSpan SettledRetention = TimeSpan.FromHours(1);

    /// <summary>An account nothing has happened to.</summary>
    public static AccountBook Empty { get; } = new(
        0, 0, 0, 0, DateTimeOffset.MinValue,
        ImmutableDictionary<string, OpenHold>.Empty,
        ImmutableDictionary<string, ClosedJob>.Empty,
        RecentEvents.None);

    /// <summary>Sum of open holds.</summary>
    [JsonIgnore]
    public long Held => Holds.Values.Sum(h => h.Amount);

    /// <summary>Sum of payouts not yet confirmed.</summary>
    [JsonIgnore]
    public long InFlight => Closed.Values.Sum(c => c.Pending.Sum(p => p.Amount));

    /// <summary>What the trial balance knows; a book that never kept it brings forward what it holds.</summary>
    [JsonIgnore]
    public LedgerSide Ledger => Side ?? LedgerSide.Opening(checked(Available + Held + InFlight));

    /// <summary>Number of payouts not yet confirmed, those in suspense among them.</summary>
    [JsonIgnore]
    public int InFlightCount => Closed.Values.Sum(c => c.Pending.Length) + (Side?.Suspense.Length ?? 0);

    /// <summary>When the next hold expires; null when none is open.</summary>
    [JsonIgnore]
    public DateTimeOffset? NextExpiry => Holds.IsEmpty ? null : Holds.Values.Min(h => h.ExpiresAt);

    /// <summary>What outsiders see.</summary>
    public AccountState ToState(string account) => new(account, Available, Held, InFlight, Version);

    /// <summary>Releases expired holds and forgets what no repeat can ask for any more.</summary>
    public AccountBook Expire(DateTimeOffset now)
    {
        now = Later(now);
        var expired = Holds.Where(h => h.Value.ExpiresAt <= now).ToList();
        var forgotten = Forgettable(now);
        if (expired.Count == 0 && forgotten.Count == 0)
            return this;
        return Next(now) with
        {
            Available = checked(Available + expired.Sum(h => h.Value.Amount)),
            Holds = Holds.RemoveRange(expired.Select(h => h.Key)),
            Closed = Closed.RemoveRange(forgotten),
        };
    }

    /// <summary>Throws when a sum does not add up: a bug, never a consequence of any input.</summary>
    /// <exception cref="InvalidOperationException">Money was made or lost.</exception>
    public void CheckConserved()
    {
        if (Available < 0 || (Int128)Available + Held + InFlight + Ledger.Suspended != (Int128)Credited - PaidOut)
            throw new InvalidOperationException($"The account does not add up: {Available} + {Held} + {InFlight} + {Ledger.Suspended} != {Credited} - {PaidOut}.");
    }

    private List<string> Forgettable(DateTimeOffset now)
    {
        var done = Closed.Where(c => c.Value.Pending.IsEmpty && c.Value.HoldExpiresAt <= now);
        int excess = Holds.Count + Closed.Count - MaxJobs + 1;
        return excess > 0
            // An eighth at once, so that a full account is not sorted on every call.
            ? [.. done.OrderBy(c => c.Value.HoldExpiresAt).Take(excess + MaxJobs / 8).Select(c => c.Key)]
            : [.. done.Where(c => !c.Value.Settled || now - c.Value.HoldExpiresAt >= SettledRetention).Select(c => c.Key)];
    }

    private AccountBook Next(DateTimeOffset now) => this with { Version = Version + 1, Clock = Later(now), Side = Ledger };

    private DateTimeOffset Later(DateTimeOffset now) => now > Clock ? now : Clock;

    private static void CheckId(string? id, string what)
    {
        if (id is not { Length: > 0 and <= MaxIdLength })
            throw new ArgumentException($"{what} must have 1 to {MaxIdLength} characters.", nameof(id));
    }
}

/// <summary>Money set aside.</summary>
public sealed record OpenHold(long Amount, DateTimeOffset ExpiresAt);

/// <summary>A job that was settled or released.</summary>
/// <param name="Settled">False when it was released.</param>
/// <param name="Refunded">Part of the hold that went back.</param>
/// <param name="IssuedAt">The settlement's own time.</param>
/// <param name="HoldExpiresAt">When its hold would have expired.</param>
/// <param name="Pending">Payouts not yet confirmed.</param>
public sealed record ClosedJob(bool Settled, long Refunded, DateTimeOffset IssuedAt, DateTimeOffset HoldExpiresAt, ImmutableArray<Payout> Pending);
