using System.Diagnostics;
using System.Diagnostics.Metrics;
using Orchestrator.TestKit;
using Orchestrator.Worker.Diagnostics;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests;

public sealed class TelemetryTests
{
    [Fact]
    public async Task Spans_of_a_chain_hang_together_under_the_request_and_passes_are_measured()
    {
        var parent = new ActivityContext(ActivityTraceId.CreateRandom(), ActivitySpanId.CreateRandom(), ActivityTraceFlags.Recorded);
        var recorded = new Recorder<Activity>();
        using var spans = new ActivityListener
        {
            ShouldListenTo = source => source.Name == WorkerTelemetry.Name,
            Sample = (ref ActivityCreationOptions<ActivityContext> _) => ActivitySamplingResult.AllDataAndRecorded,
            ActivityStopped = span =>
            {
                // Other tests run at the same time.
                if (span.TraceId == parent.TraceId)
                    recorded.Add(span);
            },
        };
        ActivitySource.AddActivityListener(spans);
        long decoded = 0;
        using var meters = new MeterListener
        {
            InstrumentPublished = (instrument, listener) =>
            {
                if (instrument.Meter.Name == WorkerTelemetry.Name && instrument.Name == "orchestrator.pass.duration")
                    listener.EnableMeasurementEvents(instrument);
            },
        };
        meters.SetMeasurementEventCallback<double>((_, _, tags, _) => Interlocked.Add(ref decoded, tags[0].Value is "decode" ? 1 : 0));
        meters.Start();

        await using var network = await TestNetwork.StartAsync(2, "hello");
        var result = await network.AskAsync(network.Assignments("q", change: a => a with { Trace = $"00-{parent.TraceId}-{parent.SpanId}-01" }));
        await network.ShouldBeFreeAsync();
        // The result is heard before its span has ended.
        await recorded.FirstAsync(s => s.OperationName == "result", "the result's span", TestContext.Current.CancellationToken);
        var ended = recorded.Items;

        result.Failure.ShouldBeNull();
        var edge = ended.Where(s => s.OperationName == "edge").ShouldHaveSingleItem();
        edge.ParentSpanId.ShouldBe(parent.SpanId);
        ended.Where(s => s.OperationName == "result").ShouldHaveSingleItem().ParentSpanId.ShouldBe(parent.SpanId);
        var stages = ended.Where(s => s.OperationName == "stage").OrderBy(s => (int)s.GetTagItem("stage")!).ToList();
        stages.Select(s => s.ParentSpanId).ShouldBe([edge.SpanId, edge.SpanId]);
        foreach (var stage in stages)
            ended.Count(s => s.OperationName == "pass" && s.ParentSpanId == stage.SpanId).ShouldBe((int)stage.GetTagItem("passes")!);
        ended.SelectMany(s => s.TagObjects).ShouldAllBe(tag => !(tag.Value as string ?? "").Contains("hello"));
        Interlocked.Read(ref decoded).ShouldBeGreaterThanOrEqualTo(2 * "hello".Length);
    }
}
