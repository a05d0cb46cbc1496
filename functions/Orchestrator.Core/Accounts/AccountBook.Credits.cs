using Orchestrator.Core.Events;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Accounts;

public sealed partial record AccountBook
{
    /// <summary>Adds money once per event id.</summary>
    /// <exception cref="ArgumentException">The id is empty or too long, or the amount is not above 0.</exception>
    /// <exception cref="OverflowException">The account cannot hold that much.</exception>
    public (AccountBook Book, CreditStatus Status) Apply(Credit credit, DateTimeOffset now)
    {
        CheckId(credit.EventId, "The event id");
        if (credit.Amount <= 0)
            throw new ArgumentException("A credit must be above 0.", nameof(credit));
        var book = Expire(now);
        switch (book.Credits.Check(credit.EventId, credit.IssuedAt))
        {
            case Freshness.Duplicate:
                return (book, CreditStatus.Duplicate);
            case Freshness.TooOld:
                return (book, CreditStatus.TooOld);
        }

        // All that ever came in bounds every other sum, so this one check guards them all.
        long credited = checked(book.Credited + credit.Amount);
        var side = credit.From is { } payer
            ? book.Ledger.Moved(new Movement(credit.EventId, payer, credit.Amount, In: true, book.Later(now), credit.IssuedAt))
            : book.Ledger with { Deposits = checked(book.Ledger.Deposits + credit.Amount) };
        return (book.Next(now) with
        {
            Credited = credited,
            Available = checked(book.Available + credit.Amount),
            Credits = book.Credits.Remember(credit.EventId, credit.IssuedAt, book.Later(now)),
            Side = side,
        }, CreditStatus.Applied);
    }
}
