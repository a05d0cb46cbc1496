using Orchestrator.Contracts;
using Orchestrator.Core.Placement;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Tests.Planning;

/// <summary>Asks the planner for the chains that a placement promises, as if everything were loaded.</summary>
internal sealed class PlacedChains(PlacementRequest request, PlacementPlan plan)
{
    public bool Exist() => ChainPlanner.Plan(new ChainRequest(
        request.ManifestDigest,
        request.Manifest,
        [.. request.Nodes.Select(n => n with
        {
            Heartbeat = n.Heartbeat! with
            {
                Shards = [.. plan.Placements.Where(p => p.Node == n.Record.Node).Select(p => new ShardStatus(Given.Model, p.Stage, ShardState.Ready))],
            },
        })],
        plan.Chains,
        request.Liveness,
        request.Now,
        Seed: 7)) is ChainPlan.Planned;
}
