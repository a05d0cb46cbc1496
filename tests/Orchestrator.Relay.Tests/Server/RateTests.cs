using System.IO.Pipelines;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Relay.Server;
using Orchestrator.Relay.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.Relay.Tests.Server;

public sealed class RateTests
{
    [Fact]
    public async Task Bytes_beyond_the_burst_wait_for_the_clock()
    {
        var time = new FakeTimeProvider();
        var bucket = new TokenBucket(1000, 1000, time);
        int carried = 0;
        var (near, nearEnd) = Pair();
        var (far, farEnd) = Pair();
        using var splice = new Splice(nearEnd, farEnd, [bucket], TimeSpan.FromDays(1), time, bytes => Interlocked.Add(ref carried, bytes));
        using var stop = new CancellationTokenSource();
        var running = splice.RunAsync(stop.Token);

        await near.Output.WriteAsync(new byte[1000], TestRelay.Limit);
        await far.Input.AsStream().ReadExactlyAsync(new byte[1000], TestRelay.Limit);
        await near.Output.WriteAsync(new byte[500], TestRelay.Limit);
        await Eventually.Holds(() => Task.FromResult(!bucket.TryTake(0)), () => "the bytes are read and not paid for");
        carried.ShouldBe(1000);
        time.Advance(TimeSpan.FromMilliseconds(499));
        carried.ShouldBe(1000);
        await TestRelay.AdvanceUntilAsync(
            time, TimeSpan.FromMilliseconds(1), far.Input.AsStream().ReadExactlyAsync(new byte[500], TestRelay.Limit).AsTask(), "the rest of the bytes did not pass");

        await stop.CancelAsync();
        await running;
    }

    private static (IDuplexPipe Outside, RelayConnection Inside) Pair()
    {
        Pipe there = new(), back = new();
        return (new Duplex(back.Reader, there.Writer), new RelayConnection(new DuplexStream(there.Reader.AsStream(), back.Writer.AsStream()), () => back.Writer.CompleteAsync().AsTask()));
    }

    private sealed record Duplex(PipeReader Input, PipeWriter Output) : IDuplexPipe;
}
