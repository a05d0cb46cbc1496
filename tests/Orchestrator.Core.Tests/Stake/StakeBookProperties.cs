using CsCheck;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Ledger;
using Orchestrator.Core.Stake;

namespace Orchestrator.Core.Tests.Stake;

/// <summary>Any interleaving of any commands, repeated at will, over a stake, the owner's account and one ledger that watches both.</summary>
public sealed class StakeBookProperties
{
    private static readonly StakeRules Rules = StakeRules.Default;

    private static readonly string[] Owners = ["host", "reporter", "refunds", "protocol"];

    private enum Kind
    {
        Bond,
        Unbond,
        Withdraw,
        Slash,
        Confirm,
        Release,
    }

    [Fact]
    public void Stake_is_conserved_to_the_unit_slashed_once_per_evidence_and_never_paid_out_early() => Gen.Select(
        Gen.Enum<Kind>(), Gen.Int[0, 5], Gen.Long[1, 1_000], Gen.Int[0, 60], Gen.Enum<FaultKind>()).List[0, 80].Sample(commands =>
    {
        var book = StakeBook.Open(Given.NodeOf("n"), "host");
        var ledger = Funded();
        var now = Given.Now;
        var slashes = new Dictionary<string, int>();
        var unbonded = new List<(long Amount, DateTimeOffset At)>();
        long withdrawn = 0;
        var booked = new HashSet<string>();
        foreach (var (kind, id, amount, hours, fault) in commands)
        {
            now = now.AddHours(hours);
            var before = book;
            string evidence = $"receipt:{id}";
            (book, var result) = kind switch
            {
                Kind.Bond => book.Apply(new Bond($"b{id}", "host", amount, Given.Now.AddDays(id)), now),
                Kind.Unbond => book.Apply(new Unbond($"u{id}", amount, Given.Now.AddDays(id)), Rules, now),
                Kind.Withdraw => book.Apply(new Withdraw($"w{id}", Given.Now.AddDays(id)), now),
                Kind.Slash => book.Apply(new Slash(evidence, fault, Given.Now.AddDays(id), id % 2 == 0 ? "reporter" : null, "why"), Rules, now),
                Kind.Confirm => before.Pending.Length == 0 ? (book, new(StakeStatus.Duplicate, 0, null)) : book.Confirm(before.Pending[id % before.Pending.Length].EventId, now),
                _ => book.Release(now),
            };

            book.CheckConserved();
            if (result.Status != StakeStatus.Applied)
                book.ShouldBeSameAs(before);
            if (result.Entry is { } entry)
            {
                booked.Add(entry.EventId).ShouldBeTrue($"{entry.EventId} moved money twice");
                (ledger, var status) = ledger.Apply(entry, now);
                status.ShouldBe(LedgerStatus.Applied);
                ledger.CheckConserved();
            }

            if (kind == Kind.Slash && result.Status == StakeStatus.Applied)
            {
                slashes[evidence] = slashes.GetValueOrDefault(evidence) + 1;
                result.Amount.ShouldBeLessThanOrEqualTo(before.AtStake);
                book.MayWork.ShouldBeFalse();
                book.AtStake.ShouldBe(before.AtStake - result.Amount);
            }
            else
            {
                book.Slashed.ShouldBe(before.Slashed);
                (before.AtStake - book.AtStake).ShouldBeLessThanOrEqualTo(kind == Kind.Withdraw ? result.Amount : 0);
            }

            if (kind == Kind.Unbond && result.Status == StakeStatus.Applied)
                unbonded.Add((amount, now));
            withdrawn += kind == Kind.Withdraw ? result.Amount : 0;
            withdrawn.ShouldBeLessThanOrEqualTo(unbonded.Where(u => now - u.At >= Rules.UnbondingDelay).Sum(u => u.Amount));
            if (before.Tombstoned)
                book.MayWork.ShouldBeFalse();

            // The ledger, fed with entries alone, knows what the book knows.
            ledger[LedgerAccounts.Bonded(book.Node)].ShouldBe(book.Bonded);
            ledger[LedgerAccounts.Unbonding(book.Node)].ShouldBe(book.UnbondingTotal);
            ledger[LedgerAccounts.Payable(book.Node)].ShouldBe(book.InFlight);
            ledger[LedgerAccounts.Burned].ShouldBe(book.Burned);
        }

        slashes.Values.ShouldAllBe(count => count == 1);
        book.Evidence.Issued.Count.ShouldBeLessThanOrEqualTo(6);
    }, iter: 4000);

    [Fact]
    public void Payouts_reach_their_accounts_exactly_once_whatever_is_lost_and_repeated() => Gen.Bool.Array[60].Sample(lost =>
    {
        var book = StakeBook.Open(Given.NodeOf("n"), "host").Apply(new Bond("b", "host", 1_000, Given.Now), Given.Now).Book;
        var accounts = Owners.ToDictionary(o => o, _ => AccountBook.Empty);
        int turn = 0;
        for (int attempt = 0; attempt < 12; attempt++)
        {
            // The last two attempts lose nothing: by then everything must come right.
            bool Loses() => attempt < 10 && lost[turn++ % lost.Length];
            var slashed = book.Apply(new Slash("e", FaultKind.WrongResult, Given.Now, "reporter", ""), Rules, Given.Now).Book;
            book = Loses() ? book : slashed;
            foreach (var payout in book.Pending)
            {
                accounts[payout.Account] = accounts[payout.Account].Apply(new Credit(payout.EventId, payout.Amount, "", payout.IssuedAt), Given.Now).Book;
                var confirmed = book.Confirm(payout.EventId, Given.Now).Book;
                book = Loses() ? book : confirmed;
            }
        }

        book.Pending.ShouldBeEmpty();
        accounts.Values.Sum(a => a.Available).ShouldBe(book.PaidOut);
        (book.AtStake + book.PaidOut + book.Burned).ShouldBe(1_000);
    }, iter: 300);

    private static LedgerBook Funded() =>
        LedgerBook.Empty.Apply(LedgerEntry.Of("fund", "", Given.Now, new Posting(LedgerAccounts.Outside, -1_000_000), new Posting(LedgerAccounts.Account("host"), 1_000_000)), Given.Now).Book;
}
