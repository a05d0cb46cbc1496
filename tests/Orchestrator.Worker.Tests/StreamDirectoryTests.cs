using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.Worker.Edge;

namespace Orchestrator.Worker.Tests;

public sealed class StreamDirectoryTests
{
    private readonly FakeTimeProvider time = new();

    [Fact]
    public async Task Streams_are_kept_until_they_expire()
    {
        var streams = new StreamDirectory(time);
        Add(streams, 1, minutes: 1, ended: true);
        streams.Sweep();
        (await streams.FindAsync(Session(1), CancellationToken.None)).ShouldNotBeNull();
        time.Advance(TimeSpan.FromMinutes(2));
        streams.Sweep();
        await ShouldBeGoneAsync(streams, 1);
    }

    [Fact]
    public async Task Too_many_events_drop_ended_streams_that_expire_first_and_never_a_running_one()
    {
        var streams = new StreamDirectory(time);
        Add(streams, 1, minutes: 1, ended: false);
        Add(streams, 2, minutes: 3, ended: true);
        Add(streams, 3, minutes: 2, ended: true);
        streams.Sweep(maxEvents: 20);
        (await streams.FindAsync(Session(1), CancellationToken.None)).ShouldNotBeNull();
        (await streams.FindAsync(Session(2), CancellationToken.None)).ShouldNotBeNull();
        await ShouldBeGoneAsync(streams, 3);
    }

    private void Add(StreamDirectory streams, int number, int minutes, bool ended)
    {
        var log = streams.Add(Session(number), Digest.Of("token"u8), time.GetUtcNow().AddMinutes(minutes));
        for (int i = 0; i < 10; i++)
            log.Append(0, null, "", last: ended && i == 9);
    }

    private async Task ShouldBeGoneAsync(StreamDirectory streams, int number)
    {
        var finding = streams.FindAsync(Session(number), CancellationToken.None);
        time.Advance(StreamDirectory.LongestWait);
        (await finding).ShouldBeNull();
    }

    private static SessionId Session(int number)
    {
        byte[] bytes = new byte[SessionId.Size];
        bytes[0] = (byte)number;
        return SessionId.FromBytes(bytes);
    }
}
