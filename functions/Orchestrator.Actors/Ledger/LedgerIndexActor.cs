using Dapr.Actors.Runtime;
using Orchestrator.Actors.Documents;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Actors.Ledger;

/// <summary>Hosts a <see cref="LedgerIndex"/>.</summary>
internal sealed class LedgerIndexActor(ActorHost host) : DocumentActor<LedgerIndex>(host), ILedgerIndexActor
{
    public async Task AddAsync(string book)
    {
        var before = await Read() ?? LedgerIndex.Empty;
        await Write(before, before.Add(book));
    }

    public async Task<IReadOnlyList<string>> GetAsync() => (await Read() ?? LedgerIndex.Empty).Books;
}
