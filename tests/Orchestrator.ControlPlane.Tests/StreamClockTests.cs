using System.Diagnostics.Metrics;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.OpenAi;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>What a client waits for, as it is measured.</summary>
public sealed class StreamClockTests
{
    [Fact]
    public void Tokens_that_come_together_share_the_time_since_those_before()
    {
        using var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        var factory = services.GetRequiredService<IMeterFactory>();
        using var metrics = new ControlPlaneMetrics(factory);
        List<(string Name, double Seconds)> seen = [];
        using var listener = new MeterListener { InstrumentPublished = (i, l) => { if (i.Meter.Scope == factory) l.EnableMeasurementEvents(i); } };
        listener.SetMeasurementEventCallback<double>((i, value, _, _) => seen.Add((i.Name, value)));
        listener.Start();
        var time = new FakeTimeProvider();
        var clock = new StreamClock(metrics, time, time.GetTimestamp());

        clock.Waiting.ShouldBeTrue();
        Come(0.5, Token);
        Come(0.3, Token);
        Come(0.2, End);
        Come(0.4, Token, Token, Token);

        clock.Waiting.ShouldBeFalse();
        seen.Where(m => m.Name == "orchestrator.first_token.duration").ShouldBe([("orchestrator.first_token.duration", 0.5)]);
        seen.Where(m => m.Name == "orchestrator.token.duration").Select(m => Math.Round(m.Seconds, 6)).ShouldBe([0.3, 0.2, 0.2, 0.2]);

        void Come(double after, params StreamEvent[] batch)
        {
            time.Advance(TimeSpan.FromSeconds(after));
            clock.Note(batch);
        }
    }

    private static StreamEvent Token => new(0, 0, new TokenDraw(7, 0, []), "x", null, null, false);

    private static StreamEvent End => new(1, 0, null, "", null, null, false);
}
