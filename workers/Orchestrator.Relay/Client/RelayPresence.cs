using System.Security.Authentication;
using Orchestrator.Contracts;
using Orchestrator.Relay.Wire;

namespace Orchestrator.Relay.Client;

/// <summary>
/// Keeps a node reachable through a relay: one standing connection, renewed whenever it ends, and a connection for each call. Nothing listens.
/// </summary>
/// <param name="relay">Which relay.</param>
/// <param name="dialer">Under the node's key.</param>
/// <param name="handle">Takes each call over, to its end. Exceptions are its own affair.</param>
/// <param name="time">The clock.</param>
public sealed class RelayPresence(RelayEndpoint relay, RelayDialer dialer, Func<RelayCall, CancellationToken, Task> handle, TimeProvider time) : IAsyncDisposable
{
    /// <summary>Calls handled at a time; the relay's word alone must not cost more.</summary>
    public const int MaxCalls = 256;

    private static readonly TimeSpan DialLimit = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SilenceLimit = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(250);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(15);
    private static readonly RelayNotice Pong = new();

    private readonly CancellationTokenSource stop = new();
    private readonly Lock gate = new();
    private readonly HashSet<Task> calls = [];
    private Task running = Task.CompletedTask;

    /// <summary>Called with true when the node has become reachable, with false and the reason when it is not any more.</summary>
    public event Action<bool, string>? Changed;

    /// <summary>Starts to register, again and again until stopped.</summary>
    public void Start() => running = RunAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await stop.CancelAsync();
        await running;
        Task[] left;
        lock (gate)
            left = [.. calls];
        await Task.WhenAll(left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        stop.Dispose();
    }

    private async Task RunAsync()
    {
        var pause = FirstPause;
        while (!stop.IsCancellationRequested)
        {
            string reason = "the relay closed the connection";
            try
            {
                using var link = await WithinAsync(DialLimit, c => dialer.RegisterAsync(relay, c));
                pause = FirstPause;
                Changed?.Invoke(true, relay.Endpoint);
                await ListenAsync(link);
            }
            catch (Exception e) when (IsExpected(e))
            {
                reason = e is OperationCanceledException ? "the relay was silent" : e.Message;
            }

            if (stop.IsCancellationRequested)
                return;
            Changed?.Invoke(false, reason);
            await Task.Delay(pause, time, stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        }
    }

    private async Task ListenAsync(RelayLink link)
    {
        while (true)
        {
            var notice = await WithinAsync(SilenceLimit, c => RelayFrames.ReadAsync(link.Stream, RelayJson.Default.RelayNotice, c));
            if (notice is { Token: { Length: RelayChallenge.Size } token, Port: { } port, From: { } from })
                Take(token, port, from);
            else
                await WithinAsync(SilenceLimit, async c =>
                {
                    await RelayFrames.WriteAsync(link.Stream, Pong, RelayJson.Default.RelayNotice, c);
                    return true;
                });
        }
    }

    private void Take(byte[] token, RelayPort port, NodeId from)
    {
        lock (gate)
        {
            // Not answered, it expires at the relay.
            if (calls.Count >= MaxCalls)
                return;
            var call = Task.Run(() => AnswerAsync(token, port, from));
            calls.Add(call);
            call.ContinueWith(Forget, CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        }
    }

    private async Task AnswerAsync(byte[] token, RelayPort port, NodeId from)
    {
        try
        {
            using var link = await WithinAsync(DialLimit, c => dialer.AnswerAsync(relay, token, c));
            await handle(new RelayCall(port, from, link), stop.Token);
        }
        catch (Exception e) when (IsExpected(e))
        {
            // Whoever dialled sees it and tries again.
        }
    }

    private void Forget(Task call)
    {
        lock (gate)
            calls.Remove(call);
    }

    private async Task<T> WithinAsync<T>(TimeSpan most, Func<CancellationToken, Task<T>> run)
    {
        using var limit = new CancellationTokenSource(most, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, stop.Token);
        return await run(both.Token);
    }

    private static bool IsExpected(Exception e) =>
        e is IOException or InvalidDataException or AuthenticationException or OperationCanceledException or ObjectDisposedException or InvalidOperationException or System.Net.Sockets.SocketException;
}
