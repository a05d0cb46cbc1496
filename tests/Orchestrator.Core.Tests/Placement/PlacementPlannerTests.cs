using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Placement;
using Orchestrator.Core.Reputation;

namespace Orchestrator.Core.Tests.Placement;

public sealed class PlacementPlannerTests
{
    [Fact]
    public void Eight_hosts_get_two_chains_with_one_stage_each()
    {
        var plan = PlacementPlanner.Plan(Request(4, 2, Empty(8)));

        plan.Chains.ShouldBe(2);
        plan.Problems.ShouldBeEmpty();
        plan.Placements.Select(p => p.Node).ShouldBeUnique();
        plan.Placements.Count.ShouldBe(8);
        plan.Placements.CountBy(p => p.Stage).ShouldAllBe(stage => stage.Value == 2);
    }

    [Fact]
    public void One_node_alone_holds_the_whole_model()
    {
        var plan = PlacementPlanner.Plan(Request(4, 1, Empty(1)));

        plan.Chains.ShouldBe(1);
        plan.Placements.Select(p => p.Stage).ShouldBe([0, 1, 2, 3]);
    }

    [Fact]
    public void Two_nodes_of_one_chain_hold_neighbouring_stages()
    {
        var plan = PlacementPlanner.Plan(Request(4, 1, Empty(2)));

        plan.Placements.GroupBy(p => p.Node).Select(g => string.Join(",", g.Select(p => p.Stage))).Order().ShouldBe(["0,1", "2,3"]);
    }

    [Fact]
    public void Fewer_hosts_than_chains_give_fewer_chains_and_say_so()
    {
        NodeState[] nodes = [.. Enumerable.Range(0, 4).Select(i => Given.Node($"n{i}", "only", []))];

        var plan = PlacementPlanner.Plan(Request(2, 2, nodes));

        plan.Chains.ShouldBe(1);
        plan.Problems.ShouldHaveSingleItem().Kind.ShouldBe(PlacementProblemKind.TooFewHosts);
    }

    [Fact]
    public void Chains_that_are_there_are_kept_where_planning_anew_finds_fewer()
    {
        NodeState[] nodes =
        [
            Given.Node("a", "h3", [0, 2], memory: 2000),
            Given.Node("b", "h5", [3], memory: 1000),
            Given.Node("c", "h6", [2], memory: 2000),
            Given.Node("d", "h4", [0, 1], memory: 2000),
            Given.Node("e", "h1", [1, 3], memory: 3000),
        ];
        var request = Request(4, 2, nodes) with { Current = [.. nodes.SelectMany(n => n.Heartbeat!.Shards.Select(s => new StagePlacement(n.Record.Node, s.Stage)))] };

        var plan = PlacementPlanner.Plan(request);

        plan.Chains.ShouldBe(2);
        plan.Placements.ShouldBe(request.Current, ignoreOrder: true);
        PlacementPlanner.Plan(request with { Current = [] }).Chains.ShouldBe(1);
    }

    [Fact]
    public void Barred_nodes_get_no_shards_and_lose_those_they_have()
    {
        var good = BetaReputation.Newcomer(ReputationRule.Correctness, Given.Now);
        var here = BetaReputation.Newcomer(ReputationRule.Presence, Given.Now);
        var jailed = Given.Node("jailed", "a", [0]) with { Standing = new NodeStanding(1, "a", 100, false, good, here) };
        var poor = Given.Node("poor", "b", []) with { Standing = new NodeStanding(1, "b", 99, true, good, here) };
        var fit = Given.Node("fit", "c", []) with { Standing = new NodeStanding(1, "c", 100, true, good, here) };
        var rule = new StandingRule(100, ReputationRules.Default);
        var request = Request(2, 1, [jailed, poor, fit]) with { Standing = rule, Current = [new(jailed.Record.Node, 0)] };

        PlacementPlanner.Plan(request).Placements.ShouldAllBe(p => p.Node == fit.Record.Node);
        PlacementPlanner.Plan(request with { Nodes = [jailed, poor] }).Problems.ShouldHaveSingleItem().Message
            .ShouldContain("2 live ones are jailed, distrusted or have too small a bond");
    }

    [Fact]
    public void Without_memory_for_two_chains_one_complete_chain_is_placed()
    {
        NodeState[] nodes = [.. Enumerable.Range(0, 3).Select(i => Given.Node($"n{i}", $"h{i}", [], memory: 2000))];

        var plan = PlacementPlanner.Plan(Request(4, 2, nodes));

        plan.Chains.ShouldBe(1);
        plan.Placements.Select(p => p.Stage).ShouldBe([0, 1, 2, 3]);
        var problem = plan.Problems.ShouldHaveSingleItem();
        problem.Kind.ShouldBe(PlacementProblemKind.OutOfMemory);
        problem.Message.ShouldContain("needs 1000 bytes");
    }

    [Fact]
    public void A_stage_no_node_can_hold_is_named()
    {
        var plan = PlacementPlanner.Plan(Request(2, 1, [Given.Node("a", "h", [], memory: 1500)]));

        plan.Placements.ShouldBeEmpty();
        plan.Chains.ShouldBe(0);
        plan.Problems.ShouldHaveSingleItem().Stage.ShouldBe(1);
    }

    [Fact]
    public void Caches_and_other_models_count_against_memory()
    {
        var manifest = Given.Manifest(1, bytes: 1000, context: 100, cacheBytesPerToken: 10);
        var request = Request(1, 1, [Given.Node("a", "h", [], memory: 3000)]) with { Manifest = manifest };

        PlacementPlanner.Plan(request with { Reserved = new Dictionary<NodeId, long> { [Given.NodeOf("a")] = 1000 } }).Chains.ShouldBe(1);
        PlacementPlanner.Plan(request with { Reserved = new Dictionary<NodeId, long> { [Given.NodeOf("a")] = 1001 } }).Chains.ShouldBe(0);
    }

    [Fact]
    public void Stale_and_draining_nodes_get_nothing()
    {
        NodeState[] nodes = [Given.Node("a", "h1", [], silent: TimeSpan.FromMinutes(1)), Given.Node("b", "h2", [], draining: true)];

        PlacementPlanner.Plan(Request(1, 1, nodes)).Problems.ShouldHaveSingleItem().Kind.ShouldBe(PlacementProblemKind.NoNodes);
    }

    [Fact]
    public void What_is_loaded_stays_when_nodes_join()
    {
        NodeState[] before = [.. Enumerable.Range(0, 4).Select(i => Given.Node($"old{i}", $"old{i}", [3 - i]))];

        var plan = PlacementPlanner.Plan(Request(4, 2, [.. Empty(4), .. before]));

        plan.Chains.ShouldBe(2);
        for (int i = 0; i < 4; i++)
            plan.Placements.ShouldContain(new StagePlacement(Given.NodeOf($"old{i}"), 3 - i));
        plan.Placements.Count.ShouldBe(8);
    }

    [Fact]
    public void A_lost_node_is_replaced_and_the_others_stay()
    {
        NodeState[] nodes = [.. Enumerable.Range(0, 3).Select(i => Given.Node($"n{i}", $"h{i}", [i])), Given.Node("spare", "hs", [])];

        var plan = PlacementPlanner.Plan(Request(4, 1, nodes));

        plan.Placements.ShouldBe([.. Enumerable.Range(0, 3).Select(i => new StagePlacement(Given.NodeOf($"n{i}"), i)), new(Given.NodeOf("spare"), 3)]);
    }

    [Fact]
    public void A_stage_that_moves_is_kept_until_its_successor_is_ready()
    {
        var all = Given.Node("old", "h1", [0, 1]);

        var moving = PlacementPlanner.Plan(Request(2, 1, [all, Given.Node("new", "h2", [])]));
        var ready = PlacementPlanner.Plan(Request(2, 1, [all, Given.Node("new", "h2", [moving.Placements.Single(p => p.Node == Given.NodeOf("new")).Stage])]));

        moving.Placements.Count.ShouldBe(3);
        moving.Placements.Count(p => p.Node == Given.NodeOf("old")).ShouldBe(2);
        ready.Placements.Count.ShouldBe(2);
        ready.Placements.Select(p => p.Node).ShouldBeUnique();
    }

    private static NodeState[] Empty(int count) => [.. Enumerable.Range(0, count).Select(i => Given.Node($"n{i}", $"h{i}", []))];

    private static PlacementRequest Request(int stages, int chains, NodeState[] nodes) => new(
        Given.Model, Given.Manifest(stages), nodes, [], chains, new Dictionary<NodeId, long>(), Liveness.Default, Given.Now);
}
