using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Tests.Ledger;

public sealed class TrialBalanceTests
{
    private static readonly DateTimeOffset Late = Given.Now.AddDays(30);

    [Fact]
    public void A_payout_that_was_confirmed_and_never_arrived_is_a_loss_once_it_is_no_longer_news()
    {
        var (payer, host) = (Settled(), AccountBook.Empty);
        payer = payer.Confirm("p", Given.Now);

        var fresh = Draw(Given.Now, payer, host);
        fresh.ShouldSatisfyAllConditions(b => b.Closes.ShouldBeTrue(), b => b.InFlight.ShouldBe([new("p", "account:dev", "account:host", 70, TransferState.Confirmed)]));

        var later = Draw(Given.Now.AddMinutes(5), payer, host);
        later.ShouldSatisfyAllConditions(b => b.Closes.ShouldBeFalse(), b => b.Difference.ShouldBe(-70), b => b.InFlight.ShouldBeEmpty());
    }

    [Fact]
    public void Money_from_nowhere_is_a_difference()
    {
        var host = AccountBook.Empty.Apply(new Credit("made up", 5, "", Given.Now, "account:nobody"), Given.Now).Book;

        Draw(Given.Now.AddMinutes(5), Settled(), host).Difference.ShouldBe(5);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_sums_tell_whether_a_payout_in_suspense_had_arrived(bool had)
    {
        var payer = Settled();
        var host = had ? AccountBook.Empty.Apply(new Credit("p", 70, "", Given.Now, "account:dev"), Given.Now).Book : AccountBook.Empty;
        // Other money moves the window: nobody can tell "p" any more.
        host = host.Apply(new Credit("grant", 1, "", Late), Late).Book;
        host.Apply(new Credit("p", 70, "", Given.Now, "account:dev"), Late).Status.ShouldBe(CreditStatus.TooOld);
        payer = payer.Suspend("p", SuspenseReason.TooOld, Late);

        var balance = Draw(Late.AddHours(1), payer, host);

        balance.ShouldSatisfyAllConditions(
            b => b.Closes.ShouldBeTrue(),
            b => b.SuspenseArrived.ShouldBe(had ? 70 : 0),
            b => b.Suspense.ShouldBe([new("account:dev", new("p", "account:host", 70, Given.Now, Late, SuspenseReason.TooOld))]));
        // The wrong end shows.
        var wrong = payer.Resolve("p", had ? SuspenseEnd.Return : SuspenseEnd.WriteOff, Late).Book;
        Draw(Late.AddHours(1), wrong, host).Difference.ShouldBe(had ? 70 : -70);
        var right = payer.Resolve("p", had ? SuspenseEnd.WriteOff : SuspenseEnd.Return, Late).Book;
        Draw(Late.AddHours(1), right, host).ShouldSatisfyAllConditions(b => b.Closes.ShouldBeTrue(), b => b.Suspense.ShouldBeEmpty());
        right.Resolve("p", SuspenseEnd.Return, Late).ShouldBe((right, null));
    }

    [Fact]
    public void A_payout_paid_again_is_settled_under_an_id_of_its_own()
    {
        var payer = Settled().Suspend("p", SuspenseReason.TooOld, Late).Resolve("p", SuspenseEnd.Repay, Late).Book;

        var again = payer.Apply(new Core.Accounts.Settlement(LedgerSide.Again("p"), [], Late), Late).Result;

        again.Payouts.ShouldBe([new Payout(LedgerSide.Again("p"), "host", 70)]);
        again.IssuedAt.ShouldBe(Late);
        payer.CheckConserved();
    }

    [Fact]
    public void A_book_older_than_the_trial_balance_brings_its_money_forward()
    {
        var old = Settled() with { Side = null };

        Draw(Given.Now, old, AccountBook.Empty).ShouldSatisfyAllConditions(b => b.Closes.ShouldBeTrue(), b => b.Debit.ShouldBe(1000));
        Draw(Given.Now, old.Confirm("none", Given.Now).Release("none", Given.Now).Apply(new Hold("k", 5, Late), Given.Now).Book, AccountBook.Empty).Closes.ShouldBeTrue();
    }

    [Fact]
    public void A_trail_that_dropped_what_was_asked_for_says_so()
    {
        var host = AccountBook.Empty;
        for (int i = 0; i <= Trail.Capacity; i++)
            host = host.Apply(new Credit($"c{i}", 1, "", Given.Now.AddMilliseconds(i), "account:dev"), Given.Now.AddMilliseconds(i)).Book;

        host.Ledger.Trail.Moves.Length.ShouldBe(Trail.Capacity + 1 - Trail.Capacity / 4);
        Draw(Given.Now, host).Uncounted.ShouldBe(["account:dev"]);
        Draw(Given.Now.AddMinutes(1), host).Uncounted.ShouldBeEmpty();
    }

    private static AccountBook Settled() => AccountBook.Empty
        .Apply(new Credit("grant", 1000, "", Given.Now), Given.Now).Book
        .Apply(new Hold("j", 100, Given.Now.AddHours(1)), Given.Now).Book
        .Apply(new Core.Accounts.Settlement("j", [new("p", "host", 70)], Given.Now), Given.Now).Book;

    private static TrialBalance Draw(DateTimeOffset begun, params AccountBook[] books)
    {
        string[] names = ["dev", "host"];
        var statements = books.Select((b, i) => b.Statement(names[i], null, new(TrialBalance.Since(begun), []))).ToDictionary(s => s.Account);
        foreach (var (account, asked) in TrialBalance.Questions(statements.Values))
            statements[account] = books[account == "account:dev" ? 0 : 1].Statement(account["account:".Length..], null, new(TrialBalance.Since(begun), asked));
        return TrialBalance.Of(statements.Values, begun);
    }
}
