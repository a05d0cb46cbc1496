using Orchestrator.Core.Ledger;
using Orchestrator.Core.Stake;

namespace Orchestrator.Core.Tests.Stake;

public sealed class StakeBookTests
{
    private static readonly StakeRules Rules = StakeRules.Default;

    private static readonly StakeBook Bonded = StakeBook.Open(Given.NodeOf("n"), "host").Apply(new Bond("b", "host", 1_000, Given.Now), Given.Now).Book;

    [Fact]
    public void A_bond_counts_once_and_comes_with_a_balanced_entry()
    {
        var (book, result) = StakeBook.Open(Given.NodeOf("n"), "host").Apply(new Bond("b", "host", 1_000, Given.Now), Given.Now);
        var (again, repeated) = book.Apply(new Bond("b", "host", 1_000, Given.Now), Given.Now.AddHours(1));

        book.Bonded.ShouldBe(1_000);
        result.Entry!.Postings.ShouldBe([new("account:host", -1_000), new(LedgerAccounts.Bonded(book.Node), 1_000)]);
        repeated.Status.ShouldBe(StakeStatus.Duplicate);
        again.ShouldBeSameAs(book);
    }

    [Fact]
    public void Unbonding_stake_comes_out_only_after_the_delay()
    {
        var book = Bonded.Apply(new Unbond("u", 400, Given.Now), Rules, Given.Now).Book;
        var due = Given.Now + Rules.UnbondingDelay;

        book.Apply(new Withdraw("w", Given.Now), due.AddTicks(-1)).Result.Status.ShouldBe(StakeStatus.Insufficient);
        var (after, result) = book.Apply(new Withdraw("w", Given.Now), due);

        result.Amount.ShouldBe(400);
        after.Pending.ShouldHaveSingleItem().ShouldBe(new StakePayout("w", "host", 400, due));
        after.Confirm("w", due).Book.ShouldSatisfyAllConditions(b => b.PaidOut.ShouldBe(400), b => b.AtStake.ShouldBe(600), b => b.CheckConserved());
    }

    [Fact]
    public void A_slash_reaches_unbonding_stake_and_is_split_as_scheduled()
    {
        var book = Bonded.Apply(new Unbond("u", 900, Given.Now), Rules, Given.Now).Book;

        var (after, result) = book.Apply(new Slash("e", FaultKind.WrongResult, Given.Now, "auditor", "wrong"), Rules, Given.Now.AddDays(6));

        result.Amount.ShouldBe(500);
        after.Bonded.ShouldBe(0);
        after.UnbondingTotal.ShouldBe(500);
        after.Pending.Select(p => (p.Account, p.Amount)).ShouldBe([("auditor", 125), ("refunds", 125)]);
        after.Burned.ShouldBe(250);
        after.Tombstoned.ShouldBeTrue();
        after.CheckConserved();
    }

    [Fact]
    public void One_piece_of_evidence_slashes_once_whoever_brings_it()
    {
        var book = Bonded.Apply(new Slash("receipt:1", FaultKind.Withholding, Given.Now, "a", ""), Rules, Given.Now).Book;

        var (after, result) = book.Apply(new Slash("receipt:1", FaultKind.WrongResult, Given.Now, "b", ""), Rules, Given.Now);

        result.Status.ShouldBe(StakeStatus.Duplicate);
        after.ShouldBeSameAs(book);
    }

    /// <summary>Found by the property test: remembered under the time it arrived, such evidence was forgotten before its repeats were too old.</summary>
    [Fact]
    public void Evidence_dated_ahead_of_the_clock_still_slashes_once()
    {
        var slash = new Slash("e", FaultKind.LazyAudit, Given.Now.AddDays(4), null, "");
        var book = Bonded.Apply(slash, Rules, Given.Now).Book;
        book = book.Apply(slash with { EvidenceId = "other", FaultAt = Given.Now.AddDays(9) }, Rules, Given.Now.AddDays(9)).Book;

        book.Apply(slash, Rules, Given.Now.AddDays(9)).Result.Status.ShouldBe(StakeStatus.Duplicate);
    }

    [Fact]
    public void Evidence_older_than_the_unbonding_delay_is_refused() =>
        Bonded.Apply(new Slash("e", FaultKind.WrongResult, Given.Now, null, ""), Rules, Given.Now + Rules.UnbondingDelay + TimeSpan.FromTicks(1))
            .Result.Status.ShouldBe(StakeStatus.TooOld);

    [Fact]
    public void Jail_ends_with_a_request_after_its_time_and_a_tombstone_never()
    {
        var jailed = Bonded.Apply(new Slash("e", FaultKind.LazyAudit, Given.Now, null, ""), Rules, Given.Now).Book;
        var buried = jailed.Apply(new Slash("f", FaultKind.Contradiction, Given.Now, null, ""), Rules, Given.Now).Book;

        jailed.MayWork.ShouldBeFalse();
        jailed.Release(Given.Now.AddHours(5)).Result.Status.ShouldBe(StakeStatus.TooEarly);
        jailed.Release(Given.Now.AddHours(6)).Book.MayWork.ShouldBeTrue();
        buried.Release(Given.Now.AddYears(1)).Result.Status.ShouldBe(StakeStatus.Tombstoned);
        buried.AtStake.ShouldBe(0);
        Bonded.Release(Given.Now).Result.Status.ShouldBe(StakeStatus.NotJailed);
    }

    [Fact]
    public void No_fault_is_called_absence() =>
        Enum.GetNames<FaultKind>().ShouldBe(["WrongResult", "Contradiction", "Withholding", "LazyAudit", "FalseAccusation"]);

    [Fact]
    public void Rules_that_let_stake_out_before_a_dispute_can_end_are_refused() =>
        Should.Throw<ArgumentException>(() => Rules.Validate(TimeSpan.FromDays(6), TimeSpan.FromDays(1))).Message.ShouldContain("unbonding delay");

    [Fact]
    public void Hiding_costs_as_much_as_being_proven_wrong_and_self_accusation_does_not_pay()
    {
        SlashSchedule.Default[FaultKind.Withholding]!.BasisPoints.ShouldBeGreaterThanOrEqualTo(SlashSchedule.Default[FaultKind.WrongResult]!.BasisPoints);
        SlashSchedule.Default.Deterring.ShouldBe(.375, 1e-12);
        SlashSchedule.Default.Validate();
    }

    [Fact]
    public void History_is_bounded()
    {
        var book = Bonded;
        for (int i = 0; i < 2 * StakeBook.MaxHistory; i++)
            book = book.Apply(new Bond($"b{i}", "host", 1, Given.Now), Given.Now).Book;

        book.History.Length.ShouldBe(StakeBook.MaxHistory);
        book.History[^1].Reference.ShouldBe($"b{2 * StakeBook.MaxHistory - 1}");
    }
}
