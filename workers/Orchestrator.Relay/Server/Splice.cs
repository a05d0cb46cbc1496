using System.Buffers;

namespace Orchestrator.Relay.Server;

/// <summary>
/// Carries bytes between two connections until both directions have ended. A direction holds one buffer and reads on only when it has been written and
/// paid for, so a slow reader slows its writer down and nothing piles up here.
/// </summary>
internal sealed class Splice(RelayConnection one, RelayConnection other, IReadOnlyList<TokenBucket> buckets, TimeSpan idleLimit, TimeProvider time, Action<int> carried) : IDisposable
{
    /// <summary>Bytes of a direction's buffer: a TLS record.</summary>
    public const int BufferSize = 16 << 10;

    private readonly CancellationTokenSource stop = new();
    private long lastByte = time.GetTimestamp();

    /// <summary>Runs to the end; never throws. Both connections are closed then.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await using (cancel.Register(() => stop.Cancel()))
        await using (time.CreateTimer(_ => Watch(), null, idleLimit / 4, idleLimit / 4))
        {
            await Task.WhenAll(PumpAsync(one, other), PumpAsync(other, one));
            await one.Stream.DisposeAsync();
            await other.Stream.DisposeAsync();
        }
    }

    /// <inheritdoc />
    public void Dispose() => stop.Dispose();

    private async Task PumpAsync(RelayConnection from, RelayConnection to)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
        try
        {
            while (await from.Stream.ReadAsync(buffer.AsMemory(0, BufferSize), stop.Token) is var read and > 0)
            {
                Volatile.Write(ref lastByte, time.GetTimestamp());
                foreach (var bucket in buckets)
                {
                    if (bucket.Take(read) is { Ticks: > 0 } wait)
                        await Task.Delay(wait, time, stop.Token);
                }

                await to.Stream.WriteAsync(buffer.AsMemory(0, read), stop.Token);
                carried(read);
            }

            await to.EndWritesAsync().WaitAsync(stop.Token);
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or System.Net.Sockets.SocketException)
        {
            // One direction broke: the other has nobody to speak for.
            await stop.CancelAsync();
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    private void Watch()
    {
        try
        {
            if (time.GetElapsedTime(Volatile.Read(ref lastByte)) >= idleLimit)
                stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
        }
    }
}
