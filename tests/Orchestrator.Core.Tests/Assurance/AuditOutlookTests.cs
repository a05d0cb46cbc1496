using Orchestrator.Contracts;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Reputation;

namespace Orchestrator.Core.Tests.Assurance;

public sealed class AuditOutlookTests
{
    private const long Price = 2_000;
    private const double Slash = .375;

    private static readonly AuditPolicy Policy = AuditPolicy.Default;

    [Fact]
    public void The_rate_of_the_node_that_is_audited_least_counts()
    {
        var rich = Staked(Given.Node("a", "h1", [0, 1]), 1_000_000);
        var poor = Staked(Given.Node("b", "h2", [0, 1]), 60_000);
        double least = Rate(rich), most = Rate(poor);

        var outlook = Look(2, [true, true], rich, poor);

        least.ShouldBeLessThan(most);
        outlook.Least.ShouldBe(least, 1e-9);
        outlook.Mean.ShouldBe((least + most) / 2, 1e-9);
        outlook.Drawn.ShouldBe(1 - Math.Pow(1 - (least + most) / 2, 2), 1e-9);
        outlook.Auditors.ShouldBe(1);
    }

    [Fact]
    public void What_a_node_has_open_raises_its_rate() =>
        Look(1, [true], _ => 20_000, Staked(Given.Node("a", "h1", [0]), 100_000)).Mean.ShouldBeGreaterThan(Look(1, [true], Staked(Given.Node("a", "h1", [0]), 100_000)).Mean);

    [Fact]
    public void A_node_that_nobody_on_another_host_could_audit_counts_for_nothing()
    {
        var node = Given.Node("a", "h1", [0]);
        var other = new ExecutionClass("other/1", "cpu", "disabled", "fma");

        Look(1, [true], node).ShouldSatisfyAllConditions(o => o.Auditors.ShouldBe(0), o => o.Least.ShouldBe(0), o => o.Mean.ShouldBe(1));
        Look(1, [true], node, Given.Node("b", "h1", [0])).Auditors.ShouldBe(0);
        Look(1, [true], node, Given.Node("b", "h2", [0], silent: TimeSpan.FromMinutes(1))).Auditors.ShouldBe(0);
        Look(1, [true], node, Given.Node("b", "h2", [0], @class: other)).Auditors.ShouldBe(1);
        Look(1, [false], node, Given.Node("b", "h2", [0], @class: other)).Auditors.ShouldBe(0, "what has no fingerprint takes a node of the class");
        // Full nodes take no more work, but audits.
        Look(1, [true], node, Given.Node("b", "h2", [0], active: 8)).Auditors.ShouldBe(1);
    }

    [Fact]
    public void A_referee_of_the_class_can_always_be_asked()
    {
        var request = Request(1, Given.Node("a", "h1", [0])) with { Admission = new ClassAdmission(2, new HashSet<ExecutionClass> { Given.Class }) };

        var outlook = AuditOutlook.Of(request, [true], Policy, Price, _ => 0, Slash);

        outlook.ShouldSatisfyAllConditions(o => o.Auditors.ShouldBe(1), o => o.Least.ShouldBe(1));
    }

    [Fact]
    public void Where_nobody_can_serve_nothing_is_promised() =>
        Look(2, [true, true], Given.Node("a", "h1", [0])).ShouldBe(new AuditOutlook(0, Policy.Floor, Policy.Floor, 0));

    private static AuditOutlook Look(int stages, IReadOnlyList<bool> batched, params NodeState[] nodes) => Look(stages, batched, _ => 0, nodes);

    private static AuditOutlook Look(int stages, IReadOnlyList<bool> batched, Func<NodeId, long> open, params NodeState[] nodes) =>
        AuditOutlook.Of(Request(stages, nodes), batched, Policy, Price, open, Slash);

    private static ChainRequest Request(int stages, params NodeState[] nodes) =>
        new(Given.Model, Given.Manifest(stages), nodes, 1, Liveness.Default, Given.Now, 1);

    private static NodeState Staked(NodeState node, long bonded) => node with
    {
        Standing = new NodeStanding(
            1, node.Record.Host, bonded, true, BetaReputation.Newcomer(ReputationRule.Correctness, Given.Now), BetaReputation.Newcomer(ReputationRule.Presence, Given.Now)),
    };

    /// <summary>As the lottery draws it, for half of the pay.</summary>
    private static double Rate(NodeState node) =>
        AuditRate.For(Policy, Price / 2, Price / 2, node.Standing!.Bonded, Slash, node.Standing.Correctness.Standing(ReputationRule.Correctness, Given.Now)).Rate;
}
