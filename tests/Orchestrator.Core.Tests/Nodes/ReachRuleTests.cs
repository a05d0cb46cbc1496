using Orchestrator.Core.Nodes;
using Orchestrator.Core.Placement;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Tests.Nodes;

public sealed class ReachRuleTests
{
    private static readonly ReachRule Rule = new(TimeSpan.FromMinutes(15));

    [Fact]
    public void Only_a_node_that_was_reached_lately_gets_work()
    {
        Rule.Admits(With(null), Given.Now).ShouldBeFalse();
        Rule.Admits(With(Failed(1, reachedAgo: null)), Given.Now).ShouldBeFalse();
        Rule.Admits(With(Reached(ago: 0)), Given.Now).ShouldBeTrue();
        Rule.Admits(With(Reached(ago: 15 * 60)), Given.Now).ShouldBeTrue();
        Rule.Admits(With(Reached(ago: (15 * 60) + 1)), Given.Now).ShouldBeFalse();
    }

    [Fact]
    public void One_failure_may_be_chance_and_two_are_not()
    {
        Rule.Admits(With(Failed(1, reachedAgo: 60)), Given.Now).ShouldBeTrue();
        Rule.Admits(With(Failed(2, reachedAgo: 60)), Given.Now).ShouldBeFalse();
    }

    [Theory]
    [InlineData(1, 2)]
    [InlineData(3, 8)]
    [InlineData(6, 64)]
    [InlineData(1_000_000, 64)]
    public void Who_fails_again_and_again_is_dialled_ever_more_rarely(int missed, int seconds)
    {
        var node = With(Failed(missed, reachedAgo: null));
        Rule.IsDue(node, Given.Now + TimeSpan.FromSeconds(seconds - 1)).ShouldBeFalse();
        Rule.IsDue(node, Given.Now + TimeSpan.FromSeconds(seconds)).ShouldBeTrue();
    }

    [Fact]
    public void A_success_is_repeated_well_before_it_is_too_old()
    {
        Rule.IsDue(With(null), Given.Now).ShouldBeTrue();
        Rule.IsDue(With(Reached(ago: 299)), Given.Now).ShouldBeFalse();
        Rule.IsDue(With(Reached(ago: 300)), Given.Now).ShouldBeTrue();
    }

    [Fact]
    public void Without_the_rule_nobody_is_dialled_and_everybody_works()
    {
        ReachRule.Off.IsDue(With(null), Given.Now).ShouldBeFalse();
        ReachRule.Off.Admits(With(null), Given.Now).ShouldBeTrue();
    }

    [Fact]
    public void Neither_shards_nor_work_go_to_a_node_that_nobody_reaches()
    {
        var far = Given.Node("far", "h1", [0]);
        var near = Given.Node("near", "h2", [0]) with { Reach = Reached(ago: 0) };
        var manifest = Given.Manifest(1);
        var place = new PlacementRequest(Given.Model, manifest, [far, near], [], 1, new Dictionary<Contracts.NodeId, long>(), Liveness.Default, Given.Now) { Reach = Rule };
        PlacementPlanner.Plan(place).Placements.ShouldHaveSingleItem().Node.ShouldBe(near.Record.Node);
        PlacementPlanner.Plan(place with { Nodes = [far] }).Problems.ShouldHaveSingleItem().Message.ShouldContain("does not reach 1 live ones");

        var plan = new ChainRequest(Given.Model, manifest, [far, near], 1, Liveness.Default, Given.Now, 1) { Reach = Rule };
        ChainPlanner.Plan(plan).ShouldBeOfType<ChainPlan.Planned>().Chains.ShouldHaveSingleItem().Nodes.ShouldHaveSingleItem().Record.Node.ShouldBe(near.Record.Node);
        ChainPlanner.Plan(plan with { Nodes = [far] }).ShouldBeOfType<ChainPlan.Impossible>().Message.ShouldContain("1 that the platform does not reach");
    }

    private static NodeState With(NodeReach? reach) => Given.Node("n", "h", []) with { Reach = reach };

    private static NodeReach Reached(int ago) => new(Given.Now - TimeSpan.FromSeconds(ago), Given.Now - TimeSpan.FromSeconds(ago), 0);

    private static NodeReach Failed(int missed, int? reachedAgo) =>
        new(Given.Now, reachedAgo is { } seconds ? Given.Now - TimeSpan.FromSeconds(seconds) : null, missed);
}
