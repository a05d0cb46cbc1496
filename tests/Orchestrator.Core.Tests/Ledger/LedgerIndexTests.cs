using System.Text.Json;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Core.Tests.Ledger;

public sealed class LedgerIndexTests
{
    [Fact]
    public void Ten_thousand_books_are_small_documents()
    {
        var parts = Enumerable.Range(0, LedgerIndex.Parts).Select(_ => LedgerIndex.Empty).ToArray();
        foreach (string book in Enumerable.Range(0, 10_000).Select(i => LedgerAccounts.Account($"customer-{i:d8}")))
            parts[LedgerIndex.PartOf(book)] = parts[LedgerIndex.PartOf(book)].Add(book).Add(book);

        parts.Sum(p => p.Books.Length).ShouldBe(10_000);
        parts.Max(p => JsonSerializer.SerializeToUtf8Bytes(p).Length).ShouldBeLessThan(8 * 1024);
    }

    [Fact]
    public void A_full_part_refuses_new_books_and_keeps_the_old()
    {
        var full = new LedgerIndex([.. Enumerable.Range(0, LedgerIndex.MaxBooks).Select(i => $"b{i}")]);

        Should.Throw<InvalidOperationException>(() => full.Add("new"));
        full.Add("b7").ShouldBeSameAs(full);
    }
}
