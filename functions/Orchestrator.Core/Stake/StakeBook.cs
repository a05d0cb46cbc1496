using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Contracts;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Stake;

/// <summary>
/// The stake of one node as a pure state machine: every command gives the next book and an answer, and leaves the book as it is (the same object) when
/// there is nothing to do. Money only moves between bonded, unbonding, payouts in flight, suspense and burned; each command that moves some also
/// gives the movement as a balanced <see cref="LedgerEntry"/>.
/// <para>
/// Memory is bounded: events and evidence by <see cref="RecentEvents"/>, entries and payouts by <see cref="MaxEntries"/>, history by
/// <see cref="MaxHistory"/>. Evidence is remembered for the unbonding delay; older faults are refused, since the stake that backed them may be gone.
/// </para>
/// </summary>
/// <param name="Node">Whose stake.</param>
/// <param name="Owner">Account that withdrawals go to.</param>
/// <param name="Version">Rises by one with every change.</param>
/// <param name="Clock">The latest time seen; time given to a command never counts as earlier.</param>
/// <param name="Bonded">Micro-credits bonded; only these count for getting work.</param>
/// <param name="Unbonding">Stake on its way out, oldest first.</param>
/// <param name="Pending">Payouts not yet confirmed.</param>
/// <param name="Deposited">All that ever came in.</param>
/// <param name="PaidOut">All payouts ever confirmed.</param>
/// <param name="Burned">All that was ever burned.</param>
/// <param name="Slashed">All that was ever slashed, burned or not.</param>
/// <param name="JailedUntil">Earliest release; null when not jailed. Jail ends only by <see cref="Release"/>.</param>
/// <param name="TombstonedBy">Evidence that barred the node for good; null when it is not.</param>
/// <param name="Events">Bonds, unbonds and withdrawals applied.</param>
/// <param name="Evidence">Evidence slashed for.</param>
/// <param name="History">Latest events, oldest first.</param>
/// <param name="Side">Kept for the trial balance; null in documents from before there was one.</param>
public sealed partial record StakeBook(
    NodeId Node,
    string Owner,
    long Version,
    DateTimeOffset Clock,
    long Bonded,
    ImmutableArray<UnbondingEntry> Unbonding,
    ImmutableArray<StakePayout> Pending,
    long Deposited,
    long PaidOut,
    long Burned,
    long Slashed,
    DateTimeOffset? JailedUntil,
    string? TombstonedBy,
    RecentEvents Events,
    RecentEvents Evidence,
    ImmutableArray<StakeHistoryEntry> History,
    LedgerSide? Side = null)
{
    /// <summary>Most unbonding entries; unconfirmed payouts from which on no more withdrawals are taken (slashes may go beyond).</summary>
    public const int MaxEntries = 64;

    /// <summary>Most lines of history kept.</summary>
    public const int MaxHistory = 64;

    /// <summary>Most characters of a note.</summary>
    public const int MaxNote = 200;

    /// <summary>A node that never bonded.</summary>
    /// <param name="node">The node.</param>
    /// <param name="owner">Account of its host.</param>
    public static StakeBook Open(NodeId node, string owner)
    {
        CheckId(owner, "The owner");
        return new(node, owner, 0, DateTimeOffset.MinValue, 0, [], [], 0, 0, 0, 0, null, null, RecentEvents.None, RecentEvents.None, []);
    }

    /// <summary>Sum of unbonding stake.</summary>
    [JsonIgnore]
    public long UnbondingTotal => Sum(Unbonding);

    /// <summary>What a slash can reach: bonded and unbonding.</summary>
    [JsonIgnore]
    public long AtStake => Bonded + UnbondingTotal;

    /// <summary>Sum of payouts not yet confirmed.</summary>
    [JsonIgnore]
    public long InFlight => Pending.Sum(p => p.Amount);

    /// <summary>What the trial balance knows; a book that never kept it brings forward what it holds.</summary>
    [JsonIgnore]
    public LedgerSide Ledger => Side ?? LedgerSide.Opening(checked(AtStake + InFlight + Burned));

    /// <summary>Barred for good.</summary>
    [JsonIgnore]
    public bool Tombstoned => TombstonedBy is not null;

    /// <summary>Neither jailed nor tombstoned.</summary>
    [JsonIgnore]
    public bool MayWork => JailedUntil is null && !Tombstoned;

    /// <summary>Throws when a sum does not add up: a bug, never a consequence of any input.</summary>
    /// <exception cref="InvalidOperationException">Stake was made or lost.</exception>
    public void CheckConserved()
    {
        if (Bonded < 0 || Unbonding.Any(u => u.Amount <= 0) || Pending.Any(p => p.Amount <= 0)
            || (Int128)Bonded + UnbondingTotal + InFlight + Ledger.Suspended + Burned != (Int128)Deposited - PaidOut)
        {
            throw new InvalidOperationException(
                $"The stake of {Node} does not add up: {Bonded} + {UnbondingTotal} + {InFlight} + {Ledger.Suspended} + {Burned} != {Deposited} - {PaidOut}.");
        }
    }

    private StakeBook Next(DateTimeOffset now, StakeHistoryEntry? line = null) => this with
    {
        Version = Version + 1,
        Clock = Later(now),
        Side = Ledger,
        History = line is null ? History : [.. History.Skip(Math.Max(0, History.Length + 1 - MaxHistory)), line],
    };

    private DateTimeOffset Later(DateTimeOffset now) => now > Clock ? now : Clock;

    private static long Sum(ImmutableArray<UnbondingEntry> entries)
    {
        long sum = 0;
        foreach (var entry in entries)
            sum += entry.Amount;
        return sum;
    }

    private static StakeResult Nothing(StakeStatus status) => new(status, 0, null);

    private static void CheckId(string? id, string what)
    {
        if (id is not { Length: > 0 and <= AccountBook.MaxIdLength })
            throw new ArgumentException($"{what} must have 1 to {AccountBook.MaxIdLength} characters.", nameof(id));
    }

    private static void CheckAmount(long amount)
    {
        if (amount <= 0)
            throw new ArgumentException("The amount must be above 0.", nameof(amount));
    }
}
