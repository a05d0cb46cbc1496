using Grpc.Core;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Gateway;

/// <summary>
/// Keeps a node connected to some gateway for as long as it runs: dials out, logs in, takes work, and begins anew wherever that ends. Nothing
/// listens on the node for it.
/// </summary>
public sealed class GatewayLink(GatewayTarget target, SigningKey key, int capacity, Random random, TimeProvider time, ILogger<GatewayLink> log) : GatewayWay, IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly CancellationTokenSource stop = new();
    private readonly Backoff backoff = new(random);
    private TaskCompletionSource<GatewaySession> up = NewSignal();
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

    /// <summary>A gateway has welcomed the node.</summary>
    internal event Action<GatewayDoor>? Joined;

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
        for (int next = 0; !stop.IsCancellationRequested;)
        {
            var address = target.Addresses[next % target.Addresses.Count];
            var pause = TimeSpan.Zero;
            using (var session = new GatewaySession(new GatewayDoor(address, target, key, time), time))
            {
                try
                {
                    var (after, reason) = await session.RunAsync(capacity, () => Opened(address, session), accept, stop.Token);
                    log.SentAway(address.Authority, reason, after);
                    pause = after;
                    next++;
                }
                catch (Exception e)
                {
                    if (stop.IsCancellationRequested)
                        break;
                    pause = backoff.Next();
                    next++;
                    log.Lost(address.Authority, Explain(e), pause);
                }
                finally
                {
                    Closed();
                }
            }

            await Task.Delay(pause, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private void Opened(Uri address, GatewaySession session)
    {
        backoff.Reset();
        log.Joined(address.Authority);
        lock (gate)
            up.TrySetResult(session);
        Joined?.Invoke(session.Door);
    }

    private void Closed()
    {
        lock (gate)
        {
            if (up.Task.IsCompleted)
                up = NewSignal();
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
