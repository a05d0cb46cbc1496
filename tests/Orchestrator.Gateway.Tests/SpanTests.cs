using System.Collections.Concurrent;
using System.Diagnostics;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Diagnostics;
using Orchestrator.Gateway.Tests.Kit;
using Orchestrator.NodeProtocol;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using Orchestrator.Worker.Diagnostics;
using Orchestrator.Worker.Gateway;
using Orchestrator.Worker.Platform;

namespace Orchestrator.Gateway.Tests;

/// <summary>What a trace shows of the gateway.</summary>
public sealed class SpanTests : IDisposable
{
    private readonly ActivityContext request = new(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
    private readonly ConcurrentQueue<Activity> ended = new();
    private readonly ConcurrentBag<Activity> roots = [];
    private readonly ActivityListener spans;

    public SpanTests()
    {
        spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name is GatewayTelemetry.Name or WorkerTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                // Other tests run at the same time.
                if (span.TraceId == request.TraceId)
                    ended.Enqueue(span);
                else if (span.Source.Name == GatewayTelemetry.Name)
                    roots.Add(span);
            },
        };
        ActivitySource.AddActivityListener(spans);
    }

    private static string Topic => Topics.Work(Some.Node());

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => spans.Dispose();

    [Fact]
    public async Task An_assignment_is_a_span_under_its_request_until_the_node_has_taken_it()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var work = await gateway.Connect().JoinAsync();
        gateway.Platform.Send(Topic, Sealed(Assignment(request)));
        var delivery = await work.DeliveryAsync();
        ended.ShouldBeEmpty();

        await work.SettleAsync(delivery.Lease);
        await gateway.Platform.Settled.CountAsync(1, Cancel);

        var span = ended.ShouldHaveSingleItem();
        (span.OperationName, span.Kind, span.ParentSpanId).ShouldBe(("deliver", ActivityKind.Consumer, request.SpanId));
        (span.GetTagItem("orchestrator.job.id"), span.GetTagItem("outcome")).ShouldBe((Some.Job().Value, "accepted"));
    }

    [Fact]
    public async Task Each_delivery_of_an_assignment_says_what_became_of_it()
    {
        await using var gateway = await TestGateway.StartAsync(o => o with { Silence = TimeSpan.FromMinutes(5) });
        using var work = await gateway.Connect().JoinAsync();
        gateway.Platform.Send(Topic, Sealed(Assignment(request)));

        gateway.Time.Advance(TimeSpan.FromMilliseconds((await work.DeliveryAsync()).LeaseMs));
        await work.SettleAsync((await work.DeliveryAsync()).Lease, Settle.Types.Outcome.Dropped);
        await gateway.Platform.Settled.CountAsync(2, Cancel);

        ended.Select(s => s.GetTagItem("outcome")).ShouldBe(["expired", "dropped"]);
    }

    [Fact]
    public async Task A_result_reaches_the_broker_in_the_trace_of_its_request()
    {
        await using var gateway = await TestGateway.StartAsync();
        using var key = Some.Key();
        await using var link = Link(gateway, key);
        var publisher = new ResultPublisher(key, new Outbox(new GatewayPlatformBus(link), gateway.Time, NullLogger<Outbox>.Instance));
        var result = new ChainResult(1, key.Node, Some.Job(), Some.Session(), 0, 0, 1, [], [], new ChainTiming(1, 2, 3), null);

        await publisher.PublishAsync(result, Assignment(request), Cancel);

        gateway.Platform.Published.Items.ShouldHaveSingleItem().Topic.ShouldBe(Topics.Results);
        ended.Select(s => s.OperationName).ShouldBe(["publish", "result"]);
        ended.Last().ParentSpanId.ShouldBe(request.SpanId);
        ended.First().GetTagItem("topic").ShouldBe(Topics.Results);
    }

    [Fact]
    public async Task What_carries_no_trace_begins_none()
    {
        await using var gateway = await TestGateway.StartAsync();
        var node = gateway.Connect();
        using var work = await node.JoinAsync();
        var untraced = Assignment(default);
        foreach (var message in new[] { Sealed(untraced), Sealed(untraced with { Trace = "no traceparent" }), TestGateway.Work(1) })
        {
            gateway.Platform.Send(Topic, message);
            await work.SettleAsync((await work.DeliveryAsync()).Lease);
        }

        await gateway.Platform.Settled.CountAsync(3, Cancel);
        await node.PublishAsync(Topics.Nodes, TestGateway.Heartbeat(node.Key));

        ended.ShouldBeEmpty();
        // Nothing anywhere in these tests has another request's trace.
        roots.ShouldBeEmpty();
    }

    private static GatewayLink Link(TestGateway gateway, SigningKey key)
    {
        var target = new GatewayTarget([new Uri($"https://127.0.0.1:{gateway.Host.NodePort}")], [gateway.Host.CertificateDigest]);
        var link = new GatewayLink(target, key, 8, new Random(1), gateway.Time, NullLogger<GatewayLink>.Instance);
        link.Start(_ => true);
        return link;
    }

    private static Assignment Assignment(ActivityContext request) => new(
        1, Some.Node(), Some.Job(), Some.Session(), 0, 0, Some.Digest(), 0, [new Hop(Some.Node(), new LayerRange(0, 4), "127.0.0.1:1", Some.Digest())],
        new SamplingParameters(Temperature: 0), 1, 8, null, request == default ? null : $"00-{request.TraceId}-{request.SpanId}-01", DateTimeOffset.MaxValue);

    private static SignedMessage Sealed(Assignment assignment)
    {
        using var platform = Some.Key(99);
        return MessageSigning.Seal(MessageTypes.Assignment, assignment, ContractsJson.Default.Assignment, platform);
    }
}
