using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Placement;

namespace Orchestrator.Core.Tests.Placement;

public sealed class PlacementPlannerProperties
{
    private static readonly Gen<NodeState> AnyNode =
        from name in Gen.Int[0, 30]
        from host in Gen.Int[0, 6]
        from stages in Gen.Int[0, 15]
        from memory in Gen.Int[0, 6]
        from draining in Gen.Frequency((9, Gen.Const(false)), (1, Gen.Const(true)))
        select Given.Node($"n{name}", $"h{host}", Enumerable.Range(0, 4).Where(s => (stages >> s & 1) == 1), memory: memory * 1000, draining: draining);

    private static readonly Gen<PlacementRequest> AnyRequest =
        from nodes in AnyNode.List[0, 10]
        from stages in Gen.Int[1, 4]
        from chains in Gen.Int[1, 3]
        select new PlacementRequest(
            Given.Model, Given.Manifest(stages), [.. nodes.DistinctBy(n => n.Record.Node)], [], chains, new Dictionary<NodeId, long>(), Liveness.Default, Given.Now);

    [Fact]
    public void Placements_fit_in_memory_and_give_the_chains_they_promise() => AnyRequest.Sample(request =>
    {
        var plan = PlacementPlanner.Plan(request);
        var nodes = request.Nodes.ToDictionary(n => n.Record.Node);

        foreach (var onNode in plan.Placements.GroupBy(p => p.Node))
        {
            nodes[onNode.Key].Heartbeat!.Draining.ShouldBeFalse();
            ((long)onNode.Count() * 1000).ShouldBeLessThanOrEqualTo(nodes[onNode.Key].Record.Capability.MemoryBytes);
        }

        plan.Placements.ShouldBeUnique();
        if (plan.Chains < request.WantedChains)
            plan.Problems.ShouldNotBeEmpty();
        if (plan.Chains > 0)
            new Planning.PlacedChains(request, plan).Exist().ShouldBeTrue();
        else
            plan.Placements.ShouldBeEmpty();
    }, iter: 2000);

    [Fact]
    public void Planning_again_once_everything_is_loaded_moves_nothing() => AnyRequest.Sample(Settles, iter: 2000);

    [Fact]
    public void The_order_in_which_nodes_are_listed_does_not_matter() => AnyRequest.Sample(request =>
        PlacementPlanner.Plan(request with { Nodes = [.. request.Nodes.Reverse()] }).Placements.ShouldBe(PlacementPlanner.Plan(request).Placements), iter: 500);

    // A move takes two rounds, as a stage is dropped only once its successor is ready, and moves only ever take a stage off the node that has most.
    private static void Settles(PlacementRequest request)
    {
        var current = request;
        var last = PlacementPlanner.Plan(current);
        for (int round = 0; round < 2 * 4 + 2; round++)
        {
            current = Loaded(current, last.Placements);
            var next = PlacementPlanner.Plan(current);
            next.Chains.ShouldBeGreaterThanOrEqualTo(last.Chains);
            last = next;
        }

        PlacementPlanner.Plan(Loaded(current, last.Placements)).Placements.ShouldBe(last.Placements);
    }

    private static PlacementRequest Loaded(PlacementRequest request, IReadOnlyList<StagePlacement> placements) => request with
    {
        Current = placements,
        Nodes = [.. request.Nodes.Select(n => n with
        {
            Heartbeat = n.Heartbeat! with
            {
                Shards = [.. placements.Where(p => p.Node == n.Record.Node).Select(p => new ShardStatus(Given.Model, p.Stage, ShardState.Ready))],
            },
        })],
    };
}
