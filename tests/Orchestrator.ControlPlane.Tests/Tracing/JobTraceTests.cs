using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Tracing;

namespace Orchestrator.ControlPlane.Tests.Tracing;

public sealed class JobTraceTests
{
    private static readonly ExecutionClass Class = new("r", "cpu", "disabled", "fma");
    private static readonly JobId Job = JobId.TryParse("job-" + new string('1', 32), out var id) ? id : throw new FormatException();
    private static readonly NodeId[] Nodes = [.. Enumerable.Range(0, 2).Select(i => NodeId.FromPublicKey([(byte)i]))];

    private static readonly DispatchedChain Chain = new(0, 0, SessionId.Derive(Job, 0, 0), new Uri("https://edge/"),
        [.. Nodes.Select((n, i) => new DispatchedStage(n, $"h{i}", new LayerRange(i, i + 1), Digest.Of([(byte)i]), "a:1", Digest.Of([9]), Class))]);

    [Fact]
    public void What_no_stage_accounts_for_is_the_networks_and_the_largest_cause_is_named()
    {
        var trace = JobTrace.Of(Chain, [Told(0, Edge(Trip(0, true, 100, 1000), Trip(5, true, 1150, 500))), Told(1, null, queue: 10, compute: 300)], [], 5000);

        trace.Prompt.Passes.ShouldBe(1);
        trace.Decode.Passes.ShouldBe(1);
        var token = trace.Passes[1];
        token.Edge.ShouldBe(50, "the answer before came at 1100");
        token.Stages.Select(s => s.Compute).ShouldBe([100, 300]);
        token.Network.ShouldBe(500 - (20 + 100 + 5) - (10 + 300 + 5));
        trace.Slowest.ShouldNotBeNull().ShouldStartWith($"computing stage 1 on {Nodes[1].Short}");
        trace.Around.ShouldBe(5000 - 2000);
    }

    [Fact]
    public void A_node_that_tells_nothing_leaves_its_time_to_the_network()
    {
        var trace = JobTrace.Of(Chain, [Told(0, Edge(Trip(0, true, 0, 1000)))], ["gone"], 5000);

        trace.Missing.ShouldBe(["gone"]);
        trace.Passes.ShouldHaveSingleItem().Network.ShouldBe(1000 - 125);
    }

    [Fact]
    public void Numbers_that_cannot_be_are_left_out_and_a_foreign_stage_counts_for_nothing()
    {
        var lies = new NodeTimings(1, Chain.Session,
            [new StageTimings(1, [new PassTiming(0, 0, 1, 1, 1, 1, 1)]), new StageTimings(0, [new PassTiming(0, 0, 1, -5, long.MaxValue, 0, 0), null!])],
            Edge(Trip(0, true, -1, 5), Trip(0, true, 0, long.MaxValue), null!, Trip(0, true, 10, 20)));

        var trace = JobTrace.Of(Chain, [(Nodes[0], lies)], [], 0);

        var pass = trace.Passes.ShouldHaveSingleItem();
        pass.Stages.ShouldBeEmpty();
        pass.Network.ShouldBe(20);
    }

    [Fact]
    public void Perfetto_gets_every_pass_of_every_stage_in_order()
    {
        var view = new JobTraceView(Job.Value, default, default, 5000,
            [JobTrace.Of(Chain, [Told(0, Edge(Trip(0, true, 100, 1000))), Told(1, null)], [], 5000)]);

        var events = ChromeTrace.Of(view)["traceEvents"]!.AsArray().Where(e => (string)e!["ph"]! == "X").ToList();

        events.Select(e => (string)e!["name"]!).ShouldBe(["token 0", "queue", "compute", "send", "queue", "compute", "send"]);
        var stages = events.Skip(1).Select(e => (From: (long)e!["ts"]!, To: (long)e["ts"]! + (long)e["dur"]!)).ToList();
        stages.Zip(stages.Skip(1)).ShouldAllBe(pair => pair.First.To <= pair.Second.From);
        stages[^1].To.ShouldBeLessThanOrEqualTo(1100);
    }

    private static (NodeId, NodeTimings) Told(int stage, EdgeTimings? edge, long queue = 20, long compute = 100) => (Nodes[stage], new NodeTimings(
        1, Chain.Session, [new StageTimings(stage, [.. new[] { 0, 5 }.Select(p => new PassTiming(0, p, 1, queue, compute, 5, 7))])], edge));

    private static EdgeTimings Edge(params TripTiming[] trips) => new(100, 1000, 2000, trips);

    private static TripTiming Trip(int position, bool drew, long at, long took) => new(0, position, drew, at, took);
}
