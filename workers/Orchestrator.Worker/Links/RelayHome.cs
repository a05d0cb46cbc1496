using System.Net;
using Orchestrator.Contracts;
using Orchestrator.Relay.Client;

namespace Orchestrator.Worker.Links;

/// <summary>
/// Keeps this node at one relay, and moves it to another when told: relays do not tell each other of their nodes, so a node belongs where its gateway is. What the old
/// relay carries of the data plane goes on to its end.
/// </summary>
/// <param name="dialer">Under the node's key.</param>
/// <param name="links">The data plane.</param>
/// <param name="stream">The stream API's own listener.</param>
/// <param name="time">The clock.</param>
public sealed class RelayHome(RelayDialer dialer, IncomingLinks links, IPEndPoint stream, TimeProvider time) : IAsyncDisposable
{
    private readonly Lock gate = new();
    private readonly HashSet<Task> leaving = [];
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
    public void MoveTo(RelayEndpoint relay)
    {
        lock (gate)
        {
            if (disposed || relay == wanted)
                return;
            wanted = relay;
            leaving.RemoveWhere(left => left.IsCompleted);
            if (door is not null)
                leaving.Add(door.DisposeAsync().AsTask());
            door = new RelayDoor(relay, dialer, links, stream, time);
            door.Changed += (up, detail) =>
            {
                if (up)
                    Take(relay);
                Changed?.Invoke(up, detail);
            };
            door.Start();
        }
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        Task[] all;
        lock (gate)
        {
            disposed = true;
            if (door is not null)
                leaving.Add(door.DisposeAsync().AsTask());
            all = [.. leaving];
        }

        await Task.WhenAll(all);
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
