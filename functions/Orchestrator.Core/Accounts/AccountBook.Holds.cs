namespace Orchestrator.Core.Accounts;

public sealed partial record AccountBook
{
    /// <summary>Sets money aside for a job, once.</summary>
    /// <exception cref="ArgumentException">The job id is empty or too long, or the amount is negative.</exception>
    public (AccountBook Book, HoldStatus Status) Apply(Hold hold, DateTimeOffset now)
    {
        CheckId(hold.Job, "The job id");
        if (hold.Amount < 0)
            throw new ArgumentException("A hold must be 0 or more.", nameof(hold));
        var book = Expire(now);
        if (book.Closed.ContainsKey(hold.Job))
            return (book, HoldStatus.Closed);
        if (book.Holds.ContainsKey(hold.Job))
            return (book, HoldStatus.Held);
        if (hold.ExpiresAt <= book.Later(now))
            return (book, HoldStatus.Expired);
        if (hold.Amount > book.Available)
            return (book, HoldStatus.InsufficientFunds);
        if (book.Holds.Count + book.Closed.Count >= MaxJobs || book.InFlightCount >= MaxInFlight)
            return (book, HoldStatus.TooManyHolds);
        return (book.Next(now) with
        {
            Available = book.Available - hold.Amount,
            Holds = book.Holds.Add(hold.Job, new OpenHold(hold.Amount, hold.ExpiresAt)),
        }, HoldStatus.Held);
    }

    /// <summary>Releases a job's hold; remembers the job until the hold could not be made again, so that a late repeat of it is refused.</summary>
    public AccountBook Release(string job, DateTimeOffset now)
    {
        CheckId(job, "The job id");
        var book = Expire(now);
        if (!book.Holds.TryGetValue(job, out var hold))
            return book;
        now = book.Later(now);
        return book.Close(job, hold, new ClosedJob(Settled: false, hold.Amount, now, hold.ExpiresAt, []), now);
    }

    private AccountBook Close(string job, OpenHold hold, ClosedJob closed, DateTimeOffset now) => Next(now) with
    {
        Available = checked(Available + closed.Refunded),
        Holds = Holds.Remove(job),
        Closed = Closed.Add(job, closed),
    };
}
