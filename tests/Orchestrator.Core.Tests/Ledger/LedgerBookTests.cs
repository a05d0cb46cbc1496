using CsCheck;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Tests.Ledger;

public sealed class LedgerBookTests
{
    [Fact]
    public void An_entry_that_does_not_balance_is_refused() =>
        Should.Throw<ArgumentException>(() => LedgerEntry.Of("e", "", Given.Now, new Posting("a", 1), new Posting("b", -2))).Message.ShouldContain("does not balance");

    [Fact]
    public void An_account_cannot_go_below_zero_and_the_entry_is_not_half_applied()
    {
        var book = Fund(LedgerBook.Empty, 10);

        var (after, status) = book.Apply(LedgerEntry.Of("e", "", Given.Now, new("b", 5), new("c", 6), new("a", -11)), Given.Now);

        status.ShouldBe(LedgerStatus.Insufficient);
        after.ShouldBeSameAs(book);
    }

    [Fact]
    public void What_does_not_fit_is_refused_loudly() =>
        Should.Throw<OverflowException>(() => Fund(Fund(LedgerBook.Empty, long.MaxValue), 1, "second"));

    [Fact]
    public void Books_add_up_after_any_entries_in_any_order_however_often() => Gen.Select(
        Gen.Int[0, 15], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Int[0, 3], Gen.Long[-50, 50], Gen.Long[-50, 50]).List[0, 60].Sample(entries =>
    {
        string[] names = [LedgerAccounts.Outside, "a", "b", "c"];
        var book = LedgerBook.Empty;
        var model = new Dictionary<string, long>();
        var applied = new HashSet<string>();
        foreach (var (id, x, y, z, m, n) in entries)
        {
            var entry = LedgerEntry.Of($"e{id}", "", Given.Now, new(names[x], m), new(names[y], n), new(names[z], -m - n));
            (book, var status) = book.Apply(entry, Given.Now);
            book.CheckConserved();
            if (status == LedgerStatus.Applied)
            {
                applied.Add(entry.EventId).ShouldBeTrue();
                foreach (var posting in entry.Postings)
                    model[posting.Account] = model.GetValueOrDefault(posting.Account) + posting.Amount;
            }
            else
            {
                (status == LedgerStatus.Duplicate).ShouldBe(applied.Contains(entry.EventId));
            }

            names.ShouldAllBe(name => book[name] == model.GetValueOrDefault(name));
        }
    }, iter: 2000);

    private static LedgerBook Fund(LedgerBook book, long amount, string id = "fund") =>
        book.Apply(LedgerEntry.Of(id, "", Given.Now, new(LedgerAccounts.Outside, -amount), new("a", amount)), Given.Now).Book;
}
