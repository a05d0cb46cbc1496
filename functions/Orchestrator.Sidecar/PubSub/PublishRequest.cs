namespace Orchestrator.Sidecar.PubSub;

/// <summary>A publish as it came over either API.</summary>
/// <param name="Metadata">Dapr's publish metadata: rawPayload, ttlInSeconds, cloudevent.* .</param>
internal sealed record PublishRequest(
    string PubSub, string Topic, ReadOnlyMemory<byte> Data, string ContentType, IReadOnlyDictionary<string, string> Metadata, string TraceParent)
{
    public string? Get(string name) =>
        Metadata.FirstOrDefault(m => string.Equals(m.Key, name, StringComparison.OrdinalIgnoreCase)).Value;
}
