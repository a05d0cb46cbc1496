using Orchestrator.Contracts;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Reputation;

namespace Orchestrator.Core.Tests.Planning;

public sealed class ChainPlannerTests
{
    [Fact]
    public void Two_chains_of_four_use_eight_nodes_and_no_host_twice()
    {
        var plan = Planned(Request(4, 2, [.. Enumerable.Range(0, 8).Select(i => Given.Node($"n{i}", $"h{i}", [i % 4]))]));

        plan.Count.ShouldBe(2);
        plan.SelectMany(c => c.Nodes).Select(n => n.Record.Host).Distinct().Count().ShouldBe(8);
        foreach (var chain in plan)
        {
            var hops = chain.ToHops(Given.Manifest(4));
            hops.Select(h => h.Layers).ShouldBe([new(0, 2), new(2, 4), new(4, 6), new(6, 8)]);
            hops.Select(h => h.DataEndpoint).ShouldBe(chain.Nodes.Select(n => n.Record.DataEndpoint));
        }
    }

    [Fact]
    public void A_node_that_holds_everything_serves_alone_and_a_host_serves_one_chain_only()
    {
        NodeState[] nodes = [Given.Node("a", "h1", [0, 1, 2]), Given.Node("b", "h1", [0, 1, 2]), Given.Node("c", "h2", [0, 1, 2])];

        foreach (var chain in Planned(Request(3, 2, nodes)))
            chain.Nodes.Distinct().Count().ShouldBe(1);
        Impossible(Request(3, 3, nodes)).Reason.ShouldBe(ChainPlanFailure.TooFewHosts);
    }

    [Fact]
    public void Greed_is_taken_back_when_it_would_leave_the_second_chain_without_a_stage()
    {
        // x can serve both stages and is the cheapest, but each of y and z alone needs the other's stage from somewhere else.
        NodeState[] nodes = [Given.Node("x", "hx", [0, 1]), Given.Node("y", "hy", [0], active: 7), Given.Node("z", "hz", [1], active: 7), Given.Node("w", "hx", [1])];

        for (ulong seed = 0; seed < 20; seed++)
            Planned(Request(2, 2, nodes) with { Seed = seed }).Count.ShouldBe(2);
    }

    [Fact]
    public void A_missing_stage_is_named_with_what_became_of_its_nodes()
    {
        var failure = Impossible(Request(2, 1,
            Given.Node("a", "h1", [0]),
            Given.Node("b", "h2", [1], silent: TimeSpan.FromSeconds(16)),
            Given.Node("c", "h3", [1], state: ShardState.Loading)));

        failure.Reason.ShouldBe(ChainPlanFailure.StageMissing);
        failure.Stage.ShouldBe(1);
        failure.Message.ShouldContain("[2,4)");
        failure.Message.ShouldContain("1 still loading, 1 silent");
    }

    [Fact]
    public void Jailed_unbonded_and_distrusted_nodes_get_no_work_and_the_failure_counts_them()
    {
        var request = Request(1, 1);
        var good = BetaReputation.Newcomer(ReputationRule.Correctness, request.Now);
        var bad = good with { Alpha = 95, Beta = 5 };
        var here = BetaReputation.Newcomer(ReputationRule.Presence, request.Now);
        NodeState Node(string name, NodeStanding? standing) => Given.Node(name, "h-" + name, [0]) with { Standing = standing };
        NodeState[] nodes =
        [
            Node("jailed", new(1, "a", 1_000, false, good, here)),
            Node("poor", new(1, "a", 99, true, good, here)),
            Node("unknown", null),
            Node("distrusted", new(1, "a", 1_000, true, bad, here)),
            Node("absent", new(1, "a", 1_000, true, good, here with { Alpha = 5, Beta = 10 })),
        ];
        var rule = new StandingRule(100, ReputationRules.Default);

        Impossible(Request(1, 1, nodes) with { Standing = rule }).Message.ShouldContain("1 jailed, 2 with too small a bond, 2 below the reputation that work takes");
        Planned(Request(1, 1, [.. nodes, Node("fit", new(1, "a", 100, true, good, here))]) with { Standing = rule })
            .ShouldHaveSingleItem().Nodes.ShouldHaveSingleItem().Record.Host.ShouldBe("h-fit");
        Planned(Request(1, 1, Node("unknown", null))).ShouldHaveSingleItem();
    }

    [Fact]
    public void A_class_that_nobody_else_has_gets_no_checked_work_unless_a_referee_has_it()
    {
        var own = new ExecutionClass("own/1", "cpu", "disabled", "fma");
        var rule = new ClassAdmission(2, new HashSet<ExecutionClass>());
        // Many nodes of one host are one, and so are those that no longer report.
        NodeState[] alone = [Given.Node("a", "h1", [0], @class: own), Given.Node("b", "h1", [0], @class: own), Given.Node("c", "h2", [0], @class: own, silent: TimeSpan.FromMinutes(1))];

        Impossible(Request(1, 1, alone) with { Admission = rule }).Message.ShouldContain("2 of an execution class that no referee and too few hosts have");
        Planned(Request(1, 1, alone) with { Admission = rule with { Judged = new HashSet<ExecutionClass> { own } } }).Count.ShouldBe(1);
        Planned(Request(1, 1, [.. alone, Given.Node("d", "h3", [0], @class: own)]) with { Admission = rule }).Count.ShouldBe(1);
        Planned(Request(1, 1, alone) with { Admission = rule with { LeastHosts = 1 } }).Count.ShouldBe(1);
        Planned(Request(1, 1, alone) with { Admission = rule.For(AssuranceLevel.None) }).Count.ShouldBe(1);
        rule.For(AssuranceLevel.Sampled).ShouldBeSameAs(rule);
    }

    [Fact]
    public void Who_has_not_shown_that_it_can_answer_or_owes_an_answer_gets_no_checked_work()
    {
        var now = Request(1, 1).Now;
        var rule = new DoorRule(TimeSpan.FromMinutes(15));
        NodeState Node(string name, TimeSpan? proven, TimeSpan? owes = null) =>
            Given.Node(name, name, [0]) with { DoorProvenAt = now - proven, OwesUntil = now + owes };
        NodeState[] unfit = [Node("never", null), Node("long-ago", TimeSpan.FromMinutes(16)), Node("owing", TimeSpan.FromMinutes(1), TimeSpan.FromHours(1))];

        Impossible(Request(1, 1, unfit) with { Doors = rule }).Message.ShouldContain("3 that have not shown that they can answer demands of evidence");
        Planned(Request(1, 1, [.. unfit, Node("fit", TimeSpan.FromMinutes(14), TimeSpan.FromHours(-1))]) with { Doors = rule }).ShouldHaveSingleItem()
            .Nodes.ShouldHaveSingleItem().Record.Host.ShouldBe("fit");
        Planned(Request(1, 1, unfit) with { Doors = rule.For(AssuranceLevel.None) }).Count.ShouldBe(1);
        rule.For(AssuranceLevel.Sampled).ShouldBeSameAs(rule);
    }

    [Fact]
    public void A_node_is_asked_to_show_it_again_before_its_proof_is_too_old()
    {
        var now = Given.Now;
        var rule = new DoorRule(TimeSpan.FromMinutes(15));
        var node = Given.Node("n", "h", [0]);

        rule.IsDue(node, now).ShouldBeTrue();
        rule.IsDue(node with { DoorProvenAt = now }, now).ShouldBeFalse();
        rule.IsDue(node with { DoorProvenAt = now }, now + TimeSpan.FromMinutes(5)).ShouldBeTrue();
        rule.IsProven(node with { DoorProvenAt = now }, now + TimeSpan.FromMinutes(5)).ShouldBeTrue();
        DoorRule.Off.IsDue(node, now).ShouldBeFalse();
        DoorRule.Off.Admits(node, now).ShouldBeTrue();
    }

    [Fact]
    public void Who_was_barred_for_its_score_may_work_again_when_it_is_forgotten()
    {
        var request = Request(1, 1);
        var bad = BetaReputation.Newcomer(ReputationRule.Correctness, request.Now) with { Alpha = 95, Beta = 5 };
        var standing = new NodeStanding(1, null, 0, true, bad, BetaReputation.Newcomer(ReputationRule.Presence, request.Now));
        var rule = new StandingRule(0, ReputationRules.Default);

        rule.Bars(standing, request.Now).ShouldBe(Bar.Reputation);
        rule.Bars(standing, request.Now + ReputationRule.Correctness.HalfLife * 10).ShouldBeNull();
    }

    [Fact]
    public void A_node_is_stale_after_three_heartbeats_and_not_before()
    {
        Planned(Request(1, 1, Given.Node("a", "h", [0], silent: TimeSpan.FromSeconds(15)))).Count.ShouldBe(1);
        Impossible(Request(1, 1, Given.Node("a", "h", [0], silent: TimeSpan.FromSeconds(15.1)))).Reason.ShouldBe(ChainPlanFailure.StageMissing);
    }

    [Theory]
    [InlineData(8, false)]
    [InlineData(0, true)]
    public void A_full_or_draining_node_makes_the_stage_full(int active, bool draining) =>
        Impossible(Request(1, 1, Given.Node("a", "h", [0], active: active, draining: draining))).Reason.ShouldBe(ChainPlanFailure.StageFull);

    [Fact]
    public void Exclusions_price_and_class_are_obeyed()
    {
        var other = Given.Class with { Instructions = "none" };
        NodeState[] nodes = [Given.Node("a", "h1", [0]), Given.Node("b", "h2", [0], price: 50), Given.Node("c", "h3", [0], @class: other)];
        var request = Request(1, 1, nodes);

        Planned(request with { ExcludedNodes = new HashSet<NodeId> { Given.NodeOf("a") }, ExcludedHosts = new HashSet<string> { "h3" } })
            .Single().Hosts.ShouldBe(["h2"]);
        Planned(request with { Class = other }).Single().Hosts.ShouldBe(["h3"]);
        Planned(request with { MaxPricePerLayerToken = 49, ExcludedHosts = new HashSet<string> { "h3" } }).Single().Hosts.ShouldBe(["h1"]);
        Impossible(request with { MaxPricePerLayerToken = 0 }).Reason.ShouldBe(ChainPlanFailure.StageTooDear);
    }

    [Fact]
    public void Chains_to_be_compared_are_of_one_class_where_they_can_be_and_mixed_where_they_may()
    {
        var (other, gpu) = (Given.Class with { Instructions = "none" }, Given.Class with { Provider = "cuda" });
        NodeState[] nodes =
        [
            Given.Node("a", "h1", [0]), Given.Node("b", "h2", [0], @class: other), Given.Node("c", "h3", [0], @class: other), Given.Node("d", "h4", [0], @class: gpu),
        ];
        var mixable = new HashSet<ExecutionClass> { Given.Class, other };
        ChainPlan.Planned Plan(int chains) => ChainPlanner.Plan(Request(1, chains, nodes) with { Mixable = mixable }).ShouldBeOfType<ChainPlan.Planned>();

        Plan(2).ShouldSatisfyAllConditions(p => p.Mixed.ShouldBeFalse(), p => p.Chains.SelectMany(c => c.Hosts).Order().ShouldBe(["h2", "h3"]));
        Plan(3).ShouldSatisfyAllConditions(p => p.Mixed.ShouldBeTrue(), p => p.Chains.SelectMany(c => c.Hosts).Order().ShouldBe(["h1", "h2", "h3"]));
        Impossible(Request(1, 4, nodes) with { Mixable = mixable }).ShouldSatisfyAllConditions(
            i => i.Reason.ShouldBe(ChainPlanFailure.TooFewHosts), i => i.Message.ShouldContain("Nor do they of the 2 classes that can be compared within tolerance"));
        Impossible(Request(1, 3, nodes)).Message.ShouldContain("only where limits between them were calibrated; they were not for these 3");
        Impossible(Request(1, 3, nodes[..1])).Message.ShouldEndWith("(hosts: stage 0 on 1).");
    }

    [Fact]
    public void The_less_loaded_of_two_is_taken_whatever_the_seed()
    {
        for (ulong seed = 0; seed < 50; seed++)
        {
            var request = Request(1, 1, Given.Node("busy", "h1", [0], active: 6), Given.Node("idle", "h2", [0], active: 1)) with { Seed = seed };
            Planned(request).Single().Hosts.ShouldBe(["h2"]);
        }
    }

    [Fact]
    public void Equal_nodes_share_the_work_over_seeds()
    {
        NodeState[] nodes = [.. Enumerable.Range(0, 8).Select(i => Given.Node($"n{i}", $"h{i}", [0]))];

        var taken = Enumerable.Range(0, 800).Select(seed => Planned(Request(1, 1, nodes) with { Seed = (ulong)seed * 7919 }).Single().Hosts.Single()).CountBy(h => h).ToDictionary();

        taken.Count.ShouldBe(8);
        taken.Values.ShouldAllBe(count => count > 50 && count < 150);
    }

    [Fact]
    public void Large_networks_are_planned_without_search()
    {
        NodeState[] nodes = [.. Enumerable.Range(0, 2000).Select(i => Given.Node($"n{i}", $"h{i}", [i % 8]))];

        Planned(Request(8, 3, nodes)).Count.ShouldBe(3);
        Impossible(Request(8, 2, [.. nodes.Where((n, i) => i % 8 != 5 || i == 5)])).Stage.ShouldBe(5);
    }

    private static ChainRequest Request(int stages, int chains, params NodeState[] nodes) =>
        new(Given.Model, Given.Manifest(stages), nodes, chains, Liveness.Default, Given.Now, Seed: 1);

    private static IReadOnlyList<PlannedChain> Planned(ChainRequest request) =>
        ChainPlanner.Plan(request).ShouldBeOfType<ChainPlan.Planned>().Chains;

    private static ChainPlan.Impossible Impossible(ChainRequest request) =>
        ChainPlanner.Plan(request).ShouldBeOfType<ChainPlan.Impossible>();
}
