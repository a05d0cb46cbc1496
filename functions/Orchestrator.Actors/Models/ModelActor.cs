using Dapr.Actors.Runtime;
using Microsoft.Extensions.Options;
using Orchestrator.Actors.Documents;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Placement;

namespace Orchestrator.Actors.Models;

/// <summary>Hosts a <see cref="ModelDocument"/>.</summary>
internal sealed class ModelActor(ActorHost host, TimeProvider time, IOptions<OrchestratorActorOptions> options) : DocumentActor<ModelDocument>(host), IModelActor
{
    public async Task<ModelState> PublishAsync(ModelPublication publication)
    {
        if (publication.Manifest.Name != Id.GetId())
            throw new ArgumentException($"Model {publication.Manifest.Name} was sent to the actor of model {Id}.", nameof(publication));
        var before = await Read();
        var after = ModelDocument.Publish(before, publication);
        await Write(before, after);
        return after.ToState();
    }

    public async Task<ModelState> PlaceAsync(IReadOnlyList<StagePlacement> placements)
    {
        var before = await Read() ?? throw new InvalidOperationException($"Model {Id} was never published, so it cannot be placed.");
        var after = before.Place(placements);
        await Write(before, after);
        return after.ToState();
    }

    public async Task ReportNodeAsync(NodeState node)
    {
        if (await Read() is { } before)
            await Write(before, before.Report(node, options.Value.Liveness, time.GetUtcNow()));
    }

    public async Task<ModelState?> GetAsync() => (await Read())?.ToState();
}
