using System.Net.Sockets;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Relay.Server;
using Orchestrator.Relay.Tests.Kit;

namespace Orchestrator.Relay.Tests.Server;

public sealed class AcceptLoopTests
{
    [Theory]
    [InlineData(SocketError.TooManyOpenSockets)]
    [InlineData(SocketError.NoBufferSpaceAvailable)]
    [InlineData(SocketError.ConnectionAborted)]
    public async Task A_failure_passes_and_only_a_stop_ends_it(SocketError failure)
    {
        var time = new FakeTimeProvider();
        using var stop = new CancellationTokenSource();
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        var taken = new TaskCompletionSource<Socket>(TaskCreationOptions.RunContinuationsAsynchronously);
        int failures = 3;
        async ValueTask<Socket> AcceptAsync(CancellationToken cancel)
        {
            if (failures-- > 0)
                throw new SocketException((int)failure);
            if (taken.Task.IsCompleted)
                await Task.Delay(Timeout.InfiniteTimeSpan, time, cancel);
            return socket;
        }

        var running = new AcceptLoop(AcceptAsync, s => taken.TrySetResult(s), time).RunAsync(stop.Token);
        await TestRelay.AdvanceUntilAsync(time, AcceptLoop.Pause, taken.Task, "nothing is accepted any more");

        (await taken.Task).ShouldBe(socket);
        running.IsCompleted.ShouldBeFalse();
        await stop.CancelAsync();
        await running.WaitAsync(TestRelay.Limit);
    }
}
