using CsCheck;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.Core.Tests.Planning;

public sealed class ChainPlannerProperties
{
    private const int Stages = 3;

    private static readonly Gen<NodeState> AnyNode =
        from name in Gen.Int[0, 30]
        from host in Gen.Int[0, 6]
        from stages in Gen.Int[1, 7]
        from active in Gen.Int[0, 8]
        select Given.Node($"n{name}", $"h{host}", Enumerable.Range(0, Stages).Where(s => (stages >> s & 1) == 1), active);

    private static readonly Gen<ChainRequest> AnyRequest =
        from nodes in AnyNode.List[0, 9]
        from chains in Gen.Int[1, 3]
        from seed in Gen.ULong
        select new ChainRequest(Given.Model, Given.Manifest(Stages), [.. nodes.DistinctBy(n => n.Record.Node)], chains, Liveness.Default, Given.Now, seed);

    [Fact]
    public void Chains_are_found_exactly_when_they_exist() => AnyRequest.Sample(request =>
    {
        bool found = ChainPlanner.Plan(request) is ChainPlan.Planned;
        found.ShouldBe(Exists(request));
    }, iter: 3000);

    [Fact]
    public void Planned_chains_are_complete_fit_and_disjoint() => AnyRequest.Sample(request =>
    {
        if (ChainPlanner.Plan(request) is not ChainPlan.Planned plan)
            return;
        plan.Chains.Count.ShouldBe(request.Chains);
        foreach (var chain in plan.Chains)
        {
            chain.Nodes.Count.ShouldBe(Stages);
            for (int stage = 0; stage < Stages; stage++)
                Serves(chain.Nodes[stage], stage).ShouldBeTrue();
        }

        plan.Chains.SelectMany(c => c.Hosts).ShouldBeUnique();
    }, iter: 2000);

    [Fact]
    public void The_order_in_which_nodes_are_listed_does_not_matter() => AnyRequest.Sample(request =>
    {
        var reversed = request with { Nodes = [.. request.Nodes.Reverse()] };
        Describe(ChainPlanner.Plan(reversed)).ShouldBe(Describe(ChainPlanner.Plan(request)));
    }, iter: 1000);

    private static string Describe(ChainPlan plan) => plan switch
    {
        ChainPlan.Planned p => string.Join(" / ", p.Chains.Select(c => string.Join(",", c.Nodes.Select(n => n.Record.Node)))),
        ChainPlan.Impossible i => i.ToString(),
        _ => "",
    };

    private static bool Serves(NodeState node, int stage) =>
        node.ShardOf(Given.Model, stage) is not null && node.Heartbeat!.ActiveSessions < node.Record.Capability.MaxSessions;

    /// <summary>Tries every assignment of hosts to chains (or to none).</summary>
    private static bool Exists(ChainRequest request)
    {
        var hosts = request.Nodes.GroupBy(n => n.Record.Host)
            .Select(g => Enumerable.Range(0, Stages).Where(s => g.Any(n => Serves(n, s))).Aggregate(0, (mask, s) => mask | 1 << s))
            .ToArray();
        const int all = (1 << Stages) - 1;
        int assignments = (int)Math.Pow(request.Chains + 1, hosts.Length);
        for (int assignment = 0; assignment < assignments; assignment++)
        {
            var covered = new int[request.Chains + 1];
            int rest = assignment;
            foreach (int host in hosts)
            {
                covered[rest % (request.Chains + 1)] |= host;
                rest /= request.Chains + 1;
            }

            if (covered.Take(request.Chains).All(c => c == all))
                return true;
        }

        return false;
    }
}
