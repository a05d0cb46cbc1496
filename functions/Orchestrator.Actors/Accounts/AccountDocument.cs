using Orchestrator.Core.Accounts;

namespace Orchestrator.Actors.Accounts;

/// <summary>What an account actor stores.</summary>
/// <param name="Book">The books.</param>
/// <param name="ReminderAt">When the reminder that releases expired holds is due; null when none is set.</param>
internal sealed record AccountDocument(AccountBook Book, DateTimeOffset? ReminderAt)
{
    /// <summary>A reminder this late was lost (the scheduler drops a tick after a few failures) and is set again.</summary>
    private static readonly TimeSpan Lost = TimeSpan.FromMinutes(1);

    public static AccountDocument Empty { get; } = new(AccountBook.Empty, null);

    public AccountDocument With(AccountBook book) => ReferenceEquals(book, Book) ? this : this with { Book = book };

    /// <summary>When a reminder must be set for; null when the one that is set will do. One for all holds: it is set again when it fires.</summary>
    public DateTimeOffset? MissingReminder(DateTimeOffset now) => Book.NextExpiry is { } next
        && (ReminderAt is not { } at || at > next || now - at > Lost) ? next : null;
}
