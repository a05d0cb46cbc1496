using Dapr.Actors;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Actors;

/// <summary>One part of the list of all books (actor id = its number, see <see cref="LedgerIndex.PartOf"/>).</summary>
public interface ILedgerIndexActor : IActor
{
    /// <summary>Lists a book, before it holds its first money. Repeats change nothing.</summary>
    Task AddAsync(string book);

    /// <summary>The books listed here.</summary>
    Task<IReadOnlyList<string>> GetAsync();
}
