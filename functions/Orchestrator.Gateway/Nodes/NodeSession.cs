using System.Net;
using Grpc.Core;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Diagnostics;
using Orchestrator.Gateway.Hosting;
using Orchestrator.Gateway.Platform;
using Orchestrator.NodeProtocol;
using Outcome = Orchestrator.Gateway.Platform.Outcome;

namespace Orchestrator.Gateway.Nodes;

/// <summary>
/// One node's stream of work.
/// <code>
/// broker ──► [at most MaxInFlight] ──► Delivery under a lease ──► Settle ACCEPTED ──► acknowledged
///   ▲                                                   │  │ └─ DROPPED ──► dead letter topic
///   └── stream ended, lease over ◄───────────────────────┘  └─ RETRY ──► later, by the broker's policy
/// </code>
/// </summary>
internal sealed class NodeSession(NodeId node, IPAddress address, IAsyncStreamWriter<WorkReply> replies, int capacity, GatewayOptions options, IPlatform platform, TimeProvider time) : IDisposable
{
    // A last word to a node that does not read must not hold up its successor.
    private static readonly TimeSpan LastWord = TimeSpan.FromSeconds(1);

    // Pongs come once per ping, and late answers at most once per delivery: more is no node that works.
    private const double UnaskedPerSecond = 10;
    private const int UnaskedBurst = 100;

    private readonly Leases leases = new();
    private readonly TokenBucket unasked = new(UnaskedPerSecond, UnaskedBurst + options.MaxInFlight, time);
    private readonly SemaphoreSlim writing = new(1);
    private readonly CancellationTokenSource end = new();
    private volatile string? endedBecause;
    private volatile bool draining;

    /// <summary>The node.</summary>
    public NodeId Node => node;

    /// <summary>Where its stream comes from, as <see cref="AddressPlaces"/> counts it.</summary>
    public IPAddress Address => address;

    /// <summary>Serves the stream until either side ends it, or the node falls silent.</summary>
    /// <exception cref="RpcException">The node fell silent, broke the protocol, or another stream took its place.</exception>
    public async Task RunAsync(IAsyncStreamReader<WorkRequest> requests, CancellationToken call)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(call, end.Token);
        var parts = Task.CompletedTask;
        try
        {
            await WriteAsync(new WorkReply { Welcome = new Welcome { SilenceMs = (long)options.Silence.TotalMilliseconds } }, ended.Token);
            // Silence and pings are counted from before the node can have got work.
            var reading = ReadAsync(requests, ended.Token);
            parts = Task.WhenAll(
                PingAsync(ended.Token),
                platform.SubscribeAsync(Topics.Work(node), Math.Min(capacity, options.MaxInFlight), DeliverAsync, ended.Token));
            await reading;
        }
        catch (Exception e) when (e is OperationCanceledException or IOException or InvalidOperationException)
        {
            if (endedBecause is { } reason)
                throw new RpcException(new Status(StatusCode.Aborted, reason));
        }
        finally
        {
            await ended.CancelAsync();
            await parts.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Asks the node to come back later and ends the stream.</summary>
    /// <param name="reason">For the node's operator.</param>
    /// <param name="after">How long to stay away.</param>
    public async Task EndAsync(string reason, TimeSpan after)
    {
        endedBecause = reason;
        using (var limit = new CancellationTokenSource(LastWord, time))
            await WriteAsync(new WorkReply { Reconnect = new Reconnect { Reason = reason, AfterMs = (long)after.TotalMilliseconds } }, limit.Token)
                .WaitAsync(limit.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        try
        {
            await end.CancelAsync();
        }
        catch (ObjectDisposedException)
        {
            // It has ended meanwhile.
        }
    }

    /// <summary>Takes no more from the broker, waits until what is out is settled, and ends the stream.</summary>
    public async Task DrainAsync(string reason, TimeSpan grace, TimeSpan after)
    {
        draining = true;
        await leases.WhenIdleAsync().WaitAsync(grace, time).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        await EndAsync(reason, after);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        end.Dispose();
        writing.Dispose();
    }

    private async Task<Outcome> DeliverAsync(SignedMessage message, CancellationToken ended)
    {
        using var span = GatewaySpans.Deliver(message);
        // Not answered: the broker delivers it to the gateway that the node goes to.
        if (draining)
            await Task.Delay(Timeout.InfiniteTimeSpan, time, ended);
        var (number, answer) = leases.Open();
        try
        {
            var delivery = new Delivery { Lease = number, Message = Envelopes.Of(message), LeaseMs = (long)options.Lease.TotalMilliseconds };
            // The broker waits from here on, also while the node takes the message in.
            var settled = answer.WaitAsync(options.Lease, time, ended);
            await WriteAsync(new WorkReply { Delivery = delivery }, ended);
            var outcome = await settled;
            GatewayTelemetry.Settled(outcome.ToString(), span);
            return outcome;
        }
        catch (TimeoutException)
        {
            GatewayTelemetry.Settled("Expired", span);
            return Outcome.Retry;
        }
        finally
        {
            leases.Close(number);
        }
    }

    private async Task ReadAsync(IAsyncStreamReader<WorkRequest> requests, CancellationToken ended)
    {
        while (true)
        {
            using var silence = new CancellationTokenSource(options.Silence, time);
            using var either = CancellationTokenSource.CreateLinkedTokenSource(ended, silence.Token);
            try
            {
                if (!await requests.MoveNext(either.Token))
                    return;
            }
            catch (Exception e) when (silence.IsCancellationRequested && !ended.IsCancellationRequested && e is OperationCanceledException or RpcException or IOException)
            {
                throw new RpcException(new Status(StatusCode.DeadlineExceeded, $"the node was silent for {options.Silence.TotalSeconds:0} s: answer pings"));
            }

            switch (requests.Current.KindCase)
            {
                case WorkRequest.KindOneofCase.Settle:
                    var settle = requests.Current.Settle;
                    if (leases.Settle(settle.Lease, Read(settle.Outcome)))
                        break;
                    GatewayTelemetry.Refused("late-settle");
                    CountUnasked();
                    break;
                case WorkRequest.KindOneofCase.Pong:
                    CountUnasked();
                    break;
                default:
                    throw new RpcException(new Status(StatusCode.InvalidArgument, "after hello only settle and pong are understood: update the node"));
            }
        }
    }

    private void CountUnasked()
    {
        if (unasked.TryTake(1, out _))
            return;
        GatewayTelemetry.Refused("unasked");
        throw new RpcException(new Status(StatusCode.ResourceExhausted, $"the node says more than it is asked, over {UnaskedPerSecond:0} a second: it must settle each delivery once and answer pings"));
    }

    private async Task PingAsync(CancellationToken ended)
    {
        using var timer = new PeriodicTimer(options.PingInterval, time);
        while (await timer.WaitForNextTickAsync(ended))
            await WriteAsync(new WorkReply { Ping = new Ping() }, ended);
    }

    private async Task WriteAsync(WorkReply reply, CancellationToken cancel)
    {
        await writing.WaitAsync(cancel);
        try
        {
            await replies.WriteAsync(reply, CancellationToken.None).WaitAsync(cancel);
        }
        finally
        {
            writing.Release();
        }
    }

    private static Outcome Read(Settle.Types.Outcome outcome) => outcome switch
    {
        Settle.Types.Outcome.Accepted => Outcome.Accepted,
        Settle.Types.Outcome.Dropped => Outcome.Dropped,
        _ => Outcome.Retry,
    };
}
