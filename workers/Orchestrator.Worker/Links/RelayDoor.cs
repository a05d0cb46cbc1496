using System.Net;
using Orchestrator.Contracts;
using Orchestrator.Relay.Client;
using Orchestrator.Relay.Wire;

namespace Orchestrator.Worker.Links;

/// <summary>Takes what reaches this node through its relay to the door it was dialled for. Both doors then ask what they ask of every caller.</summary>
public sealed class RelayDoor : IAsyncDisposable
{
    private readonly RelayPresence presence;
    private volatile bool isUp;

    /// <summary>Not reachable yet.</summary>
    /// <param name="relay">The relay.</param>
    /// <param name="dialer">Under the node's key.</param>
    /// <param name="links">The data plane.</param>
    /// <param name="stream">The stream API's own listener.</param>
    /// <param name="time">The clock.</param>
    public RelayDoor(RelayEndpoint relay, RelayDialer dialer, IncomingLinks links, IPEndPoint stream, TimeProvider time)
    {
        presence = new RelayPresence(
            relay,
            dialer,
            (call, cancel) => call.Port == RelayPort.Data ? links.ServeAsync(call.Link) : call.Link.CarryToAsync(stream, time, cancel),
            time);
        presence.Changed += (up, _) => isUp = up;
    }

    /// <summary>Whether the relay has the node now.</summary>
    public bool IsUp => isUp;

    /// <summary>Called with true and the relay's address when the node has become reachable, with false and the reason when it is not any more.</summary>
    public event Action<bool, string>? Changed
    {
        add => presence.Changed += value;
        remove => presence.Changed -= value;
    }

    /// <summary>Registers, again and again until stopped.</summary>
    public void Start() => presence.Start();

    /// <inheritdoc />
    public ValueTask DisposeAsync() => presence.DisposeAsync();
}
