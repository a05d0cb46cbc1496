using Dapr.Actors.Runtime;
using Microsoft.Extensions.Options;
using Orchestrator.Actors.Documents;
using Orchestrator.Contracts;

namespace Orchestrator.Actors.Models;

/// <summary>Hosts the <see cref="CatalogDocument"/>.</summary>
internal sealed class CatalogActor(ActorHost host, IOptions<OrchestratorActorOptions> options) : DocumentActor<CatalogDocument>(host), ICatalogActor
{
    public Task AddModelAsync(string name) => Change(c => c.AddModel(name));

    public Task AddNodeAsync(NodeId node) => Change(c => c.AddNode(node));

    public Task RemoveNodesAsync(IReadOnlyList<NodeId> nodes) => Change(c => c.RemoveNodes(nodes));

    public async Task<Catalog> GetAsync() => (await Read() ?? CatalogDocument.Empty).ToCatalog();

    public Task<string> RulesAsync() => Task.FromResult(options.Value.Rules.Fingerprint);

    private async Task Change(Func<CatalogDocument, CatalogDocument> change)
    {
        var before = await Read() ?? CatalogDocument.Empty;
        await Write(before, change(before));
    }
}
