using System.Collections.Immutable;

namespace Orchestrator.Core.Ledger;

/// <summary>One event's movements of money: what leaves some accounts enters others, to the unit.</summary>
/// <param name="EventId">Unique over all events; the same on every repeat.</param>
/// <param name="Reason">For the statement.</param>
/// <param name="At">When it was booked by whoever decided it.</param>
/// <param name="Postings">At least two; amounts sum to 0 and none is 0; an account occurs once.</param>
public sealed record LedgerEntry(string EventId, string Reason, DateTimeOffset At, ImmutableArray<Posting> Postings)
{
    /// <summary>Most postings of one entry.</summary>
    public const int MaxPostings = 4096;

    /// <summary>Builds an entry from movements: postings of one account are added up, and what comes to 0 is left out.</summary>
    /// <exception cref="ArgumentException">The entry would be unbalanced or has too many postings.</exception>
    /// <exception cref="OverflowException">A sum does not fit 64 bits.</exception>
    public static LedgerEntry Of(string eventId, string reason, DateTimeOffset at, params IEnumerable<Posting> postings)
    {
        var entry = new LedgerEntry(eventId, reason, at,
        [
            .. postings.GroupBy(p => p.Account, StringComparer.Ordinal)
                .Select(g => new Posting(g.Key, g.Aggregate(0L, (sum, p) => checked(sum + p.Amount))))
                .Where(p => p.Amount != 0),
        ]);
        entry.CheckBalanced();
        return entry;
    }

    /// <summary>Throws unless the entry is balanced.</summary>
    /// <exception cref="ArgumentException">Amounts do not sum to 0, one is 0, or an account occurs twice.</exception>
    public void CheckBalanced()
    {
        if (Postings.IsDefault || Postings.Length > MaxPostings)
            throw new ArgumentException($"Entry {EventId} must have at most {MaxPostings} postings.");
        Int128 sum = 0;
        foreach (var posting in Postings)
        {
            if (posting.Amount == 0)
                throw new ArgumentException($"Entry {EventId} posts 0 to {posting.Account}.");
            sum += posting.Amount;
        }

        if (sum != 0)
            throw new ArgumentException($"Entry {EventId} does not balance: its postings sum to {sum}.");
        if (Postings.Length > 2 && Postings.DistinctBy(p => p.Account, StringComparer.Ordinal).Count() != Postings.Length)
            throw new ArgumentException($"Entry {EventId} names an account twice.");
    }
}

/// <summary>One side of a movement.</summary>
/// <param name="Account">See <see cref="LedgerAccounts"/>.</param>
/// <param name="Amount">Micro-credits; above 0 enters the account, below 0 leaves it.</param>
public sealed record Posting(string Account, long Amount);
