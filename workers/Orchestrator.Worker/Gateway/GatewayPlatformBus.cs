using Grpc.Core;
using Orchestrator.Contracts;
using Orchestrator.Worker.Platform;

namespace Orchestrator.Worker.Gateway;

/// <summary>Publishes through whichever gateway the node is connected to; waits for one as long as the caller does.</summary>
public sealed class GatewayPlatformBus(GatewayLink link) : IPlatformBus
{
    /// <inheritdoc />
    public async Task PublishAsync(string topic, SignedMessage message, CancellationToken cancel)
    {
        try
        {
            var session = await link.SessionAsync(cancel);
            await session.PublishAsync(topic, message, cancel);
        }
        catch (RpcException e)
        {
            throw new GatewayException(e.Status.Detail, e);
        }
        catch (OperationCanceledException e)
        {
            throw new GatewayException("no gateway took the message in time", e);
        }
    }
}
