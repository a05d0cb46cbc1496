using Grpc.Core;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Gateway;

/// <summary>
/// Keeps a node connected to some gateway for as long as it runs: dials out, logs in, takes work, and begins anew wherever that ends. Nothing
/// listens on the node for it. At any but its first gateway it looks now and then whether an earlier one is back, so that gateways which were
/// restarted one after the other do not leave all nodes to a few; it goes there before it leaves the other.
/// </summary>
/// <param name="target">The gateways, in the node's own order.</param>
/// <param name="key">The node's key.</param>
/// <param name="capacity">Deliveries taken at a time.</param>
/// <param name="random">For pauses.</param>
/// <param name="time">The clock.</param>
/// <param name="log">The log.</param>
/// <param name="isSettled">Whether nothing is under way that may still need the gateway that was left; asked again and again. Nothing ever is when null.</param>
public sealed class GatewayLink(GatewayTarget target, SigningKey key, int capacity, Random random, TimeProvider time, ILogger<GatewayLink> log, Func<bool>? isSettled = null) : GatewayWay, IAsyncDisposable
{
    /// <summary>An earlier gateway is looked for after half of this at least and this at most: nodes that lost the same one do not come back at once.</summary>
    public static readonly TimeSpan LookAgain = TimeSpan.FromMinutes(10);

    /// <summary>How long both gateways have the node: others know it by the one that it leaves, and what they sent goes there.</summary>
    public static readonly TimeSpan Overlap = TimeSpan.FromSeconds(30);

    /// <summary>Longest overlap for work that is under way.</summary>
    public static readonly TimeSpan LongestOverlap = TimeSpan.FromMinutes(15);

    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Backoff backoff = new(random);
    private readonly HashSet<Task> leaving = [];
    private TaskCompletionSource<GatewaySession> up = NewSignal();
    private GatewayStay? latest;
    private Task running = Task.CompletedTask;
    private int disposed;

    /// <summary>Whether a gateway has welcomed the node and not been lost since.</summary>
    public bool IsUp
    {
        get
        {
            lock (gate)
                return up.Task.IsCompleted;
        }
    }

    /// <summary>A gateway has welcomed the node; the task ends when the one before has been left.</summary>
    internal event Action<GatewayDoor, Task>? Joined;

    /// <summary>Begins to connect.</summary>
    /// <param name="accept">Takes a message; false when it can never have an effect.</param>
    public void Start(Func<SignedMessage, bool> accept) => running = RunAsync(accept);

    /// <summary>The session that is up; waits for one.</summary>
    internal Task<GatewaySession> SessionAsync(CancellationToken cancel)
    {
        lock (gate)
            return up.Task.WaitAsync(cancel);
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref disposed, 1) != 0)
            return;
        await stop.CancelAsync();
        await running;
        stop.Dispose();
    }

    /// <inheritdoc />
    internal override async Task<(GatewayDoor Door, CancellationToken Over)> DoorAsync(CancellationToken cancel)
    {
        var session = await SessionAsync(cancel);
        return (session.Door, session.Over);
    }

    private async Task RunAsync(Func<SignedMessage, bool> accept)
    {
        GatewayStay? stay = null;
        for (int next = 0; !stop.IsCancellationRequested;)
        {
            stay ??= Begin(next % target.Addresses.Count, accept);
            if (await EarlierAsync(stay, accept) is { } earlier)
            {
                log.Returned(earlier.Address.Authority, stay.Address.Authority);
                leaving.RemoveWhere(left => left.IsCompleted);
                leaving.Add(LeaveAsync(stay));
                (stay, next) = (earlier, earlier.Index);
                continue;
            }

            var pause = TimeSpan.Zero;
            try
            {
                (pause, string reason) = await stay.Run;
                log.SentAway(stay.Address.Authority, reason, pause);
            }
            catch (Exception e)
            {
                if (stop.IsCancellationRequested)
                    break;
                pause = backoff.Next();
                log.Lost(stay.Address.Authority, Explain(e), pause);
            }

            stay.Dispose();
            (stay, next) = (null, next + 1);
            await Task.Delay(pause, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        stay?.Dispose();
        await Task.WhenAll(leaving);
    }

    /// <summary>Waits until a gateway before this one in the node's order has welcomed the node, or this stay is over: then null.</summary>
    private async Task<GatewayStay?> EarlierAsync(GatewayStay stay, Func<SignedMessage, bool> accept)
    {
        while (stay.Index > 0 && await StaysAsync(stay, LookAgain * (0.5 + 0.5 * random.NextDouble())))
        {
            for (int i = 0; i < stay.Index && !stop.IsCancellationRequested; i++)
            {
                var earlier = Begin(i, accept);
                await Task.WhenAny(earlier.Welcomed, earlier.Run);
                if (earlier.Welcomed.IsCompleted)
                    return earlier;
                await ((Task)earlier.Run).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                earlier.Dispose();
            }
        }

        return null;
    }

    // Of a gateway where the node is not yet, or which it has just lost, the caller learns when it asks for the end.
    private async Task<bool> StaysAsync(GatewayStay stay, TimeSpan pause)
    {
        using var over = CancellationTokenSource.CreateLinkedTokenSource(stop.Token);
        await Task.WhenAny(stay.Run, Task.Delay(pause, time, over.Token));
        await over.CancelAsync();
        return !stay.Run.IsCompleted && !stop.IsCancellationRequested;
    }

    private async Task LeaveAsync(GatewayStay stay)
    {
        for (var waited = TimeSpan.Zero; waited < LongestOverlap; waited += Overlap)
        {
            if (!await StaysAsync(stay, Overlap) || isSettled is null || isSettled())
                break;
        }

        await stay.LeaveAsync();
    }

    private GatewayStay Begin(int index, Func<SignedMessage, bool> accept)
    {
        var address = target.Addresses[index];
        return new GatewayStay(index, address, new GatewaySession(new GatewayDoor(address, target, key, time), time), stop.Token).Begin(capacity, Opened, Closed, accept);
    }

    private void Opened(GatewayStay stay)
    {
        backoff.Reset();
        log.Joined(stay.Address.Authority);
        var left = Task.CompletedTask;
        lock (gate)
        {
            if (latest is not null)
                (left, up) = (latest.Run, NewSignal());
            latest = stay;
            up.TrySetResult(stay.Session);
        }

        Joined?.Invoke(stay.Session.Door, left);
    }

    private void Closed(GatewayStay stay)
    {
        lock (gate)
        {
            if (latest != stay)
                return;
            (latest, up) = (null, NewSignal());
        }
    }

    private static string Explain(Exception e) => e switch
    {
        RpcException { Status.DebugException.InnerException: { } inner } => inner.Message,
        RpcException rpc => rpc.Status.Detail,
        _ => e.Message,
    };

    private static TaskCompletionSource<GatewaySession> NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
