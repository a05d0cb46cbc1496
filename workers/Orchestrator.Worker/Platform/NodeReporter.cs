using System.Threading.Channels;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Platform;

/// <summary>
/// Tells the platform of this node: its record at start and now and then after, its state at every change and at every interval. A broker that
/// loses a message costs one interval. Heartbeats that overtake the record are of no use to the platform, and it does not say so; so the first ones
/// follow each other faster.
/// </summary>
public sealed class NodeReporter(
    IPlatformBus bus,
    SigningKey key,
    Func<DateTimeOffset, NodeRecord?> record,
    Func<long, DateTimeOffset, NodeHeartbeat> heartbeat,
    TimeSpan interval,
    TimeProvider time,
    ILogger<NodeReporter> log)
{
    /// <summary>The record is repeated with every so many heartbeats.</summary>
    public const int RecordEvery = 15;

    // Sessions come and go by the hundred: their changes share a message.
    private static readonly TimeSpan ShortestGap = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan AttemptLimit = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> changes = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private long sequence;
    private int version = 1;

    /// <summary>Asks for a heartbeat soon.</summary>
    public void Changed() => changes.Writer.TryWrite(true);

    /// <summary>Asks for the record soon: it says something else than before, or something at last.</summary>
    public void RecordChanged()
    {
        Interlocked.Increment(ref version);
        Changed();
    }

    /// <summary>Reports until stopped.</summary>
    public async Task RunAsync(CancellationToken cancel)
    {
        sequence = time.GetUtcNow().ToUnixTimeMilliseconds();
        int told = 0;
        var pause = FirstPause;
        for (int i = 0; !cancel.IsCancellationRequested; i++)
        {
            int now = Volatile.Read(ref version);
            if ((told != now || i % RecordEvery == 0) && record(time.GetUtcNow()) is { } current)
                told = await TryPublishAsync(MessageSigning.Seal(MessageTypes.NodeRecord, current, ContractsJson.Default.NodeRecord, key), cancel) ? now : 0;
            await BeatAsync(cancel);
            await Task.Delay(ShortestGap, time, cancel).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await WaitForChangeAsync(pause < interval ? pause : interval, cancel);
            pause *= pause < interval ? 2 : 1;
        }
    }

    /// <summary>Publishes the state as it is now.</summary>
    public Task<bool> BeatAsync(CancellationToken cancel)
    {
        var message = heartbeat(Interlocked.Increment(ref sequence), time.GetUtcNow());
        return TryPublishAsync(MessageSigning.Seal(MessageTypes.NodeHeartbeat, message, ContractsJson.Default.NodeHeartbeat, key), cancel);
    }

    private async Task WaitForChangeAsync(TimeSpan longest, CancellationToken cancel)
    {
        using var limit = new CancellationTokenSource(longest, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
        try
        {
            await changes.Reader.ReadAsync(both.Token);
        }
        catch (OperationCanceledException)
        {
            // The interval is over.
        }
    }

    private async Task<bool> TryPublishAsync(SignedMessage message, CancellationToken cancel)
    {
        try
        {
            using var limit = new CancellationTokenSource(AttemptLimit, time);
            using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, cancel);
            await bus.PublishAsync(Topics.Nodes, message, both.Token);
            return true;
        }
        catch (Exception e)
        {
            if (!cancel.IsCancellationRequested)
                log.NotReported(message.Type, e.Message);
            return false;
        }
    }
}
