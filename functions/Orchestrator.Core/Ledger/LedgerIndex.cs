using System.Collections.Immutable;
using Orchestrator.Contracts;

namespace Orchestrator.Core.Ledger;

/// <summary>
/// One part of the list of all books. Names are spread over <see cref="Parts"/> parts, so that a new book writes a small one: with 10,000 books each is
/// below 8 KB.
/// </summary>
/// <param name="Books">Names in the order of their coming, each once.</param>
public sealed record LedgerIndex(ImmutableArray<string> Books)
{
    /// <summary>Parts there are.</summary>
    public const int Parts = 64;

    /// <summary>Most books of a part. Together 262,144; who comes then is refused, and its money stays with its payer.</summary>
    public const int MaxBooks = 4096;

    /// <summary>Nothing listed.</summary>
    public static LedgerIndex Empty { get; } = new([]);

    /// <summary>Which part lists a book, 0 to <see cref="Parts"/> - 1: the same on every machine.</summary>
    public static int PartOf(string book) => Convert.ToInt32(Digest.Of(System.Text.Encoding.UTF8.GetBytes(book)).Value[..2], 16) % Parts;

    /// <summary>Lists a book; the same object when it is listed.</summary>
    /// <exception cref="InvalidOperationException">The part is full.</exception>
    public LedgerIndex Add(string book) =>
        Books.Contains(book) ? this
        : Books.Length < MaxBooks ? new(Books.Add(book))
        : throw new InvalidOperationException($"The ledger lists {MaxBooks} books here and takes no more: {book} cannot be opened.");
}
