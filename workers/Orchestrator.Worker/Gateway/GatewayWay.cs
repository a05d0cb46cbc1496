namespace Orchestrator.Worker.Gateway;

/// <summary>How a node finds a gateway for its downloads.</summary>
public abstract class GatewayWay
{
    private protected GatewayWay()
    {
    }

    /// <summary>Connections to the gateway to ask now, and what ends them; waits for one.</summary>
    internal abstract Task<(GatewayDoor Door, CancellationToken Over)> DoorAsync(CancellationToken cancel);

    /// <summary>It did not give what was asked.</summary>
    internal virtual void Failed(GatewayDoor door)
    {
    }
}
