using System.Threading.Channels;
using Orchestrator.Contracts;
using Orchestrator.Relay.Wire;

namespace Orchestrator.Relay.Server;

/// <summary>A node's standing connection: calls go out on it, signs of life come in.</summary>
internal sealed class Registration(NodeId node, RelayConnection connection, RelayOptions options, IRelayAdmission admission, TimeProvider time) : IDisposable
{
    private static readonly RelayNotice Ping = new();

    private readonly CancellationTokenSource stop = new();
    private readonly Channel<RelayNotice> outbox = Channel.CreateBounded<RelayNotice>(new BoundedChannelOptions(64) { SingleReader = true });

    /// <summary>The node.</summary>
    public NodeId Node => node;

    /// <summary>Queues a call; false when the node does not keep up.</summary>
    public bool TryNotify(RelayNotice notice) => outbox.Writer.TryWrite(notice);

    /// <summary>Ends it, as when the node registers anew.</summary>
    public void Stop()
    {
        try
        {
            stop.Cancel();
        }
        catch (ObjectDisposedException)
        {
        }
    }

    /// <summary>Runs until the node is gone, silent or not admitted any more; never throws.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        await using (cancel.Register(Stop))
        await using (time.CreateTimer(_ => Watch(), null, options.PingInterval, options.PingInterval))
        {
            await Task.WhenAll(WriteAsync(), ReadAsync());
            await connection.Stream.DisposeAsync();
        }
    }

    /// <inheritdoc />
    public void Dispose() => stop.Dispose();

    private void Watch()
    {
        if (admission.MayRegister(node))
            outbox.Writer.TryWrite(Ping);
        else
            Stop();
    }

    private async Task WriteAsync()
    {
        try
        {
            await foreach (var notice in outbox.Reader.ReadAllAsync(stop.Token))
            {
                using var limit = new CancellationTokenSource(options.SilenceLimit, time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop.Token);
                await RelayFrames.WriteAsync(connection.Stream, notice, RelayJson.Default.RelayNotice, both.Token);
            }
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            Stop();
        }
    }

    private async Task ReadAsync()
    {
        try
        {
            while (true)
            {
                using var limit = new CancellationTokenSource(options.SilenceLimit, time);
                using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop.Token);
                var notice = await RelayFrames.ReadAsync(connection.Stream, RelayJson.Default.RelayNotice, both.Token);
                if (notice != Ping)
                    throw new InvalidDataException("A node answers pings and says nothing else.");
            }
        }
        catch (Exception e) when (e is IOException or InvalidDataException or OperationCanceledException or ObjectDisposedException or InvalidOperationException)
        {
            Stop();
        }
    }
}
