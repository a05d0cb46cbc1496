using System.Text.Json;
using Dapr.Client;
using Orchestrator.Contracts;

namespace Orchestrator.Worker.Platform;

/// <summary>Publishes through the Dapr sidecar.</summary>
public sealed class DaprPlatformBus(DaprClient dapr) : IPlatformBus
{
    /// <inheritdoc />
    public Task PublishAsync(string topic, SignedMessage message, CancellationToken cancel) =>
        dapr.PublishByteEventAsync(
            Topics.PubSub,
            topic,
            JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.SignedMessage),
            "application/json",
            cancellationToken: cancel);
}
