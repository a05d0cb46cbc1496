using System.Net;
using Orchestrator.Contracts;
using Orchestrator.Relay.Client;

namespace Orchestrator.Worker.Links;

/// <summary>
/// Keeps this node at one relay, and moves it to another when told: relays do not tell each other of their nodes, so a node belongs where its gateway is. The old
/// relay takes calls until it is left, and what it carries of the data plane then goes on to its end.
/// </summary>
/// <param name="dialer">Under the node's key.</param>
/// <param name="links">The data plane.</param>
/// <param name="stream">The stream API's own listener.</param>
/// <param name="time">The clock.</param>
public sealed class RelayHome(RelayDialer dialer, IncomingLinks links, IPEndPoint stream, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly HashSet<Task> leaving = [];
    private TaskCompletionSource hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private RelayEndpoint? wanted;
    private RelayEndpoint? registered;
    private RelayDoor? door;
    private bool disposed;

    /// <summary>Whether a relay has the node now.</summary>
    public bool IsUp
    {
        get
        {
            lock (gate)
                return door is { IsUp: true };
        }
    }

    /// <summary>The relay that has taken the node last; null before the first.</summary>
    public RelayEndpoint? Endpoint
    {
        get
        {
            lock (gate)
                return registered;
        }
    }

    /// <summary>Called with true and the relay's address when the node has become reachable, with false and the reason when it is not any more.</summary>
    public event Action<bool, string>? Changed;

    /// <summary>Another relay than before has taken the node.</summary>
    public event Action? Moved;

    /// <summary>Registers there, again and again, and nowhere else; nothing changes when it does so already.</summary>
    /// <param name="relay">The relay.</param>
    /// <param name="until">When to leave the one before; at once when null, and at the latest with the next move.</param>
    public void MoveTo(RelayEndpoint relay, Task? until = null)
    {
        lock (gate)
        {
            if (disposed || relay == wanted)
                return;
            wanted = relay;
            leaving.RemoveWhere(left => left.IsCompleted);
            // Among those that are being left may be the one to go to.
            hurry.TrySetResult();
            hurry = new(TaskCreationOptions.RunContinuationsAsynchronously);
            if (door is not null)
                leaving.Add(LeaveAsync(door, until ?? Task.CompletedTask, hurry.Task));
            var next = new RelayDoor(relay, dialer, links, stream, time);
            door = next;
            next.Changed += (up, detail) =>
            {
                lock (gate)
                {
                    if (door != next)
                        return;
                }

                if (up)
                    Take(relay);
                Changed?.Invoke(up, detail);
            };
            next.Start();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task[] all;
        lock (gate)
        {
            disposed = true;
            hurry.TrySetResult();
            if (door is not null)
                leaving.Add(door.DisposeAsync().AsTask());
            all = [.. leaving];
        }

        await Task.WhenAll(all);
    }

    private static async Task LeaveAsync(RelayDoor door, Task until, Task hurry)
    {
        await Task.WhenAny(until, hurry);
        await door.DisposeAsync();
    }

    private void Take(RelayEndpoint relay)
    {
        lock (gate)
        {
            if (relay != wanted || relay == registered)
                return;
            registered = relay;
        }

        Moved?.Invoke();
    }
}
