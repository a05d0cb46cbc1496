using System.Collections.Immutable;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Events;

namespace Orchestrator.Core.Tests.Accounts;

public sealed class AccountBookTests
{
    private static readonly DateTimeOffset Now = Given.Now;
    private static readonly DateTimeOffset Soon = Now.AddMinutes(5);

    [Fact]
    public void A_credit_counts_once()
    {
        var (once, first) = AccountBook.Empty.Apply(new Credit("c1", 100, "top-up", Now), Now);
        var (twice, second) = once.Apply(new Credit("c1", 100, "top-up", Now), Now);

        first.ShouldBe(CreditStatus.Applied);
        second.ShouldBe(CreditStatus.Duplicate);
        twice.ShouldBeSameAs(once);
        twice.Available.ShouldBe(100);
    }

    [Fact]
    public void A_credit_from_before_the_window_is_refused_although_it_was_forgotten()
    {
        var book = Funded(100);
        var late = Now + RecentEvents.Retention + TimeSpan.FromMinutes(1);
        (book, _) = book.Apply(new Credit("new", 1, "", late), late);

        var (after, status) = book.Apply(new Credit("fund", 100, "", Now), late);

        status.ShouldBe(CreditStatus.TooOld);
        after.Available.ShouldBe(101);
    }

    [Fact]
    public void A_job_is_held_settled_paid_and_the_rest_comes_back()
    {
        var (held, status) = Funded(100).Apply(new Hold("j", 80, Soon), Now);
        status.ShouldBe(HoldStatus.Held);
        held.ToState("a").ShouldBe(new AccountState("a", 20, 80, 0, 2));

        var (settled, result) = held.Apply(new Core.Accounts.Settlement("j", [new("p1", "h1", 30), new("p2", "h2", 20)], Now), Now);
        result.Status.ShouldBe(SettleStatus.Settled);
        result.Refunded.ShouldBe(30);
        settled.ToState("a").ShouldBe(new AccountState("a", 50, 0, 50, 3));

        var confirmed = settled.Confirm("p1", Now);
        confirmed.InFlight.ShouldBe(20);
        confirmed.Confirm("p1", Now).ShouldBeSameAs(confirmed);
        confirmed.Confirm("p2", Now).InFlight.ShouldBe(0);
    }

    [Fact]
    public void A_repeated_settlement_answers_with_the_first_ones_payouts_that_are_left_and_its_time()
    {
        var (book, _) = Funded(100).Apply(new Hold("j", 80, Soon), Now);
        (book, _) = book.Apply(new Core.Accounts.Settlement("j", [new("p1", "h1", 30), new("p2", "h2", 20)], Now), Now);
        book = book.Confirm("p1", Now);

        var (after, result) = book.Apply(new Core.Accounts.Settlement("j", [new("other", "thief", 80)], Now.AddMinutes(1)), Now.AddMinutes(1));

        after.ShouldBeSameAs(book);
        result.Payouts.ShouldHaveSingleItem().EventId.ShouldBe("p2");
        result.IssuedAt.ShouldBe(Now);
        result.Refunded.ShouldBe(30);
    }

    [Fact]
    public void Payouts_above_the_hold_change_nothing()
    {
        var (book, _) = Funded(100).Apply(new Hold("j", 80, Soon), Now);

        var (after, result) = book.Apply(new Core.Accounts.Settlement("j", [new("p", "h", 81)], Now), Now);

        result.Status.ShouldBe(SettleStatus.ExceedsHold);
        after.ShouldBeSameAs(book);
    }

    [Fact]
    public void A_hold_is_refused_when_it_is_not_covered_expired_or_closed()
    {
        var book = Funded(100);
        book.Apply(new Hold("j", 101, Soon), Now).Status.ShouldBe(HoldStatus.InsufficientFunds);
        book.Apply(new Hold("j", 1, Now), Now).Status.ShouldBe(HoldStatus.Expired);

        var (held, _) = book.Apply(new Hold("j", 1, Soon), Now);
        held.Release("j", Now).Apply(new Hold("j", 1, Soon), Now).Status.ShouldBe(HoldStatus.Closed);
    }

    [Fact]
    public void A_hold_that_is_repeated_stays_as_it_was()
    {
        var (held, _) = Funded(100).Apply(new Hold("j", 60, Soon), Now);

        var (again, status) = held.Apply(new Hold("j", 99, Soon.AddDays(1)), Now);

        status.ShouldBe(HoldStatus.Held);
        again.ShouldBeSameAs(held);
    }

    [Fact]
    public void An_expired_hold_is_released_by_whatever_comes_next_and_cannot_be_settled()
    {
        var (held, _) = Funded(100).Apply(new Hold("j", 60, Soon), Now);
        held.NextExpiry.ShouldBe(Soon);

        held.Expire(Soon.AddTicks(-1)).ShouldBeSameAs(held);
        held.Expire(Soon).Available.ShouldBe(100);
        held.Apply(new Core.Accounts.Settlement("j", [new("p", "h", 1)], Soon), Soon).Result.Status.ShouldBe(SettleStatus.NoHold);
    }

    [Fact]
    public void A_clock_that_goes_back_opens_nothing_again()
    {
        var (held, _) = Funded(100).Apply(new Hold("j", 60, Soon), Now);
        var expired = held.Expire(Soon);

        expired.Apply(new Hold("j", 60, Soon), Now).Status.ShouldBe(HoldStatus.Expired);
    }

    [Fact]
    public void Settled_jobs_are_forgotten_only_when_paid_and_out_of_reach_of_repeats()
    {
        var (book, _) = Funded(100).Apply(new Hold("j", 60, Soon), Now);
        (book, _) = book.Apply(new Core.Accounts.Settlement("j", [new("p", "h", 60)], Now), Now);
        var late = Soon + AccountBook.SettledRetention;

        book.Expire(late).Closed.Count.ShouldBe(1);
        book.Confirm("p", Now).Expire(late.AddTicks(-1)).Closed.Count.ShouldBe(1);
        book.Confirm("p", Now).Expire(late).Closed.ShouldBeEmpty();
    }

    [Fact]
    public void Memory_stays_bounded_over_many_jobs()
    {
        var book = WithClosed(AccountBook.MaxJobs - 200, i => []);
        var now = Soon;
        for (int i = 0; i < 1000; i++)
        {
            now = now.AddMilliseconds(100);
            (book, var status) = book.Apply(new Hold($"new{i}", 10, now.AddSeconds(30)), now);
            status.ShouldBe(HoldStatus.Held);
            (book, _) = book.Apply(new Core.Accounts.Settlement($"new{i}", [new($"p{i}", "h", 10)], now), now);
            book = book.Confirm($"p{i}", now);
        }

        (book.Closed.Count + book.Holds.Count).ShouldBeLessThanOrEqualTo(AccountBook.MaxJobs);
        book.CheckConserved();
    }

    [Fact]
    public void An_account_full_of_payouts_in_flight_takes_no_more_holds_and_recovers_when_they_are_confirmed()
    {
        var book = WithClosed(AccountBook.MaxJobs, i => [new Payout($"p{i}", "h", 1)]);

        book.Apply(new Hold("one more", 1, Soon), Now).Status.ShouldBe(HoldStatus.TooManyHolds);
        book = book.Confirm("p0", Now);
        book.Apply(new Hold("one more", 1, Soon.AddMinutes(1)), Soon).Status.ShouldBe(HoldStatus.Held);
    }

    [Fact]
    public void The_fullest_book_of_ordinary_jobs_fits_in_a_stored_document()
    {
        var book = Funded(1_000_000);
        for (int i = 0; i < RecentEvents.Capacity; i++)
            (book, _) = book.Apply(new Credit($"payout:{Given.JobOf(i)}:some-host-name", 1, $"job {Given.JobOf(i)}", Now), Now);
        int jobs = 0;
        for (; book.Apply(new Hold(Given.JobOf(jobs).Value, 8, Soon), Now) is { Status: HoldStatus.Held } held; jobs++)
        {
            string id = Given.JobOf(jobs).Value;
            var payouts = Enumerable.Range(0, 8).Select(h => new Payout($"payout:{id}:some-host-name-{h}", $"some-host-name-{h}", 1)).ToList();
            (book, _) = held.Book.Apply(new Core.Accounts.Settlement(id, payouts, Now), Now);
        }

        book.InFlightCount.ShouldBe(AccountBook.MaxInFlight);
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(book).Length.ShouldBeLessThan(3 << 20);
    }

    [Fact]
    public void Books_that_do_not_add_up_are_noticed()
    {
        Funded(100).CheckConserved();
        Should.Throw<InvalidOperationException>(() => (Funded(100) with { Available = 101 }).CheckConserved());
        Should.Throw<InvalidOperationException>(() => (Funded(100) with { Available = -1, PaidOut = 101 }).CheckConserved());
    }

    [Fact]
    public void Malformed_commands_are_refused_and_overflow_changes_nothing()
    {
        var book = Funded(long.MaxValue);
        Should.Throw<OverflowException>(() => book.Apply(new Credit("c", 1, "", Now), Now));
        Should.Throw<ArgumentException>(() => book.Apply(new Credit("c", 0, "", Now), Now));
        Should.Throw<ArgumentException>(() => book.Apply(new Credit("", 1, "", Now), Now));
        Should.Throw<ArgumentException>(() => book.Apply(new Hold("j", -1, Soon), Now));
        Should.Throw<ArgumentException>(() => book.Apply(new Hold(new string('j', 257), 1, Soon), Now));
        Should.Throw<OverflowException>(() => book.Apply(new Core.Accounts.Settlement("j", [new("a", "h", long.MaxValue), new("b", "h", long.MaxValue)], Now), Now));
        Should.Throw<ArgumentException>(() => book.Apply(new Core.Accounts.Settlement("j", [new("a", "h", 1), new("a", "h", 1)], Now), Now));
        Should.Throw<ArgumentException>(() => book.Apply(new Core.Accounts.Settlement("j", [new("a", "h", -1)], Now), Now));
    }

    /// <summary>A book of jobs settled <see cref="Now"/> whose holds would have expired <see cref="Soon"/>.</summary>
    private static AccountBook WithClosed(int jobs, Func<int, Payout[]> pending)
    {
        var closed = Enumerable.Range(0, jobs).ToImmutableDictionary(i => $"j{i}", i => new ClosedJob(true, 0, Now, Soon, [.. pending(i)]));
        var book = Funded(1_000_000) with { Closed = closed };
        book = book with { Available = book.Available - book.InFlight };
        book.CheckConserved();
        return book;
    }

    private static AccountBook Funded(long amount) => AccountBook.Empty.Apply(new Credit("fund", amount, "", Now), Now).Book;
}
