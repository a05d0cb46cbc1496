using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;

namespace Orchestrator.Core.Ledger;

/// <summary>
/// Double-entry books over many accounts. An entry is applied once per event id, wholly or not at all; no account but
/// <see cref="LedgerAccounts.Outside"/> goes below 0, and all balances sum to 0 after every entry because every entry does.
/// </summary>
/// <param name="Version">Rises by one with every entry.</param>
/// <param name="Balances">Micro-credits by account; accounts at 0 are left out.</param>
/// <param name="Applied">Entries applied.</param>
public sealed record LedgerBook(long Version, ImmutableDictionary<string, long> Balances, RecentEvents Applied)
{
    /// <summary>Nothing booked yet.</summary>
    public static LedgerBook Empty { get; } = new(0, ImmutableDictionary.Create<string, long>(StringComparer.Ordinal), RecentEvents.None);

    /// <summary>Balance of an account; 0 when nothing was posted to it.</summary>
    public long this[string account] => Balances.GetValueOrDefault(account);

    /// <summary>Books an entry once.</summary>
    /// <exception cref="ArgumentException">The entry is unbalanced or an id is empty or too long.</exception>
    /// <exception cref="OverflowException">An account cannot hold that much.</exception>
    public (LedgerBook Book, LedgerStatus Status) Apply(LedgerEntry entry, DateTimeOffset now)
    {
        if (entry.EventId is not { Length: > 0 and <= AccountBook.MaxIdLength })
            throw new ArgumentException($"The event id must have 1 to {AccountBook.MaxIdLength} characters.", nameof(entry));
        entry.CheckBalanced();
        switch (Applied.Check(entry.EventId, entry.At))
        {
            case Freshness.Duplicate:
                return (this, LedgerStatus.Duplicate);
            case Freshness.TooOld:
                return (this, LedgerStatus.TooOld);
        }

        var balances = Balances.ToBuilder();
        foreach (var (account, amount) in entry.Postings)
        {
            long balance = checked(balances.GetValueOrDefault(account) + amount);
            if (balance < 0 && account != LedgerAccounts.Outside)
                return (this, LedgerStatus.Insufficient);
            if (balance == 0)
                balances.Remove(account);
            else
                balances[account] = balance;
        }

        return (new(Version + 1, balances.ToImmutable(), Applied.Remember(entry.EventId, entry.At, now)), LedgerStatus.Applied);
    }

    /// <summary>Throws when the books do not add up: a bug, never a consequence of any input. Looks at every account.</summary>
    /// <exception cref="InvalidOperationException">Money was made or lost.</exception>
    public void CheckConserved()
    {
        Int128 sum = 0;
        foreach (var (account, balance) in Balances)
        {
            if (balance < 0 && account != LedgerAccounts.Outside)
                throw new InvalidOperationException($"Account {account} is at {balance}.");
            sum += balance;
        }

        if (sum != 0)
            throw new InvalidOperationException($"The books do not add up: all balances sum to {sum}.");
    }
}

/// <summary>What an entry did.</summary>
public enum LedgerStatus
{
    /// <summary>Booked now.</summary>
    Applied,

    /// <summary>Booked before.</summary>
    Duplicate,

    /// <summary>Decided before the window of remembered ids; nothing changed.</summary>
    TooOld,

    /// <summary>An account does not hold what would leave it; nothing changed.</summary>
    Insufficient,
}
