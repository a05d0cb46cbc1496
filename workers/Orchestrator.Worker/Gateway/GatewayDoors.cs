using Orchestrator.Verification;

namespace Orchestrator.Worker.Gateway;

/// <summary>
/// Gateways that a node asks for blobs only, because its work comes from a broker: it logs in with its key where it has to, opens no stream, and turns to the next
/// gateway when one fails, for a while.
/// </summary>
/// <param name="target">Which gateways.</param>
/// <param name="key">The node's key.</param>
/// <param name="time">The clock.</param>
public sealed class GatewayDoors(GatewayTarget target, SigningKey key, TimeProvider time) : GatewayWay, IDisposable
{
    private readonly Lock gate = new();
    private readonly GatewayDoor?[] doors = new GatewayDoor?[target.Addresses.Count];
    private int current;
    private long turnedAt;
    private bool disposed;

    /// <inheritdoc />
    public void Dispose()
    {
        lock (gate)
        {
            disposed = true;
            foreach (var door in doors)
                door?.Dispose();
        }
    }

    /// <inheritdoc />
    internal override Task<(GatewayDoor Door, CancellationToken Over)> DoorAsync(CancellationToken cancel)
    {
        lock (gate)
        {
            ObjectDisposedException.ThrowIf(disposed, this);
            // Else gateways that were restarted one after the other would leave all nodes to a few.
            if (current > 0 && time.GetElapsedTime(turnedAt) >= GatewayLink.LookAgain)
                current = 0;
            return Task.FromResult((doors[current] ??= new GatewayDoor(target.Addresses[current], target, key, time), CancellationToken.None));
        }
    }

    /// <inheritdoc />
    internal override void Failed(GatewayDoor door)
    {
        lock (gate)
        {
            // Of several downloads that fail at one gateway the first moves all.
            if (doors[current] == door)
                (current, turnedAt) = ((current + 1) % doors.Length, time.GetTimestamp());
        }
    }
}
