using System.Collections.Immutable;
using Orchestrator.Core.Accounts;

namespace Orchestrator.Actors.Accounts;

/// <summary>What an account actor stores.</summary>
/// <param name="Book">The books.</param>
/// <param name="ReminderAt">When the reminder that releases expired holds is due; null when none is set.</param>
/// <param name="Jobs">Jobs that money was asked for, oldest first, at most <see cref="MaxListed"/>; null in documents from before there was a list.</param>
/// <param name="Listed">Whether the list of all books has this one.</param>
internal sealed record AccountDocument(AccountBook Book, DateTimeOffset? ReminderAt, ImmutableArray<string>? Jobs = null, bool Listed = false)
{
    /// <summary>A reminder this late was lost (the scheduler drops a tick after a few failures) and is set again.</summary>
    private static readonly TimeSpan Lost = TimeSpan.FromMinutes(1);

    /// <summary>Newest jobs kept: about 40 bytes each.</summary>
    public const int MaxListed = 256;

    public static AccountDocument Empty { get; } = new(AccountBook.Empty, null);

    public AccountDocument With(AccountBook book) => ReferenceEquals(book, Book) ? this : this with { Book = book };

    /// <summary>Lists a job, once.</summary>
    public AccountDocument Listing(string job)
    {
        var jobs = Jobs ?? [];
        if (jobs.Contains(job))
            return this;
        return this with { Jobs = (jobs.Length < MaxListed ? jobs : jobs.RemoveRange(0, jobs.Length - MaxListed + 1)).Add(job) };
    }

    /// <summary>When a reminder must be set for; null when the one that is set will do. One for all holds: it is set again when it fires.</summary>
    public DateTimeOffset? MissingReminder(DateTimeOffset now) => Book.NextExpiry is { } next
        && (ReminderAt is not { } at || at > next || now - at > Lost) ? next : null;
}
