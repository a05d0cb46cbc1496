using Dapr.Actors.Runtime;

namespace Orchestrator.Actors.Documents;

/// <summary>
/// An actor whose whole state is one JSON document under one key, read at the start of a turn and written at most once, by the SDK, at its end.
/// <para>
/// The SDK writes without an ETag, and its cache may be stale after a rebalance; so every turn reads again. What is left is two activations
/// at the same moment, of which one loses its turn: every command is idempotent by its own id, so callers repair that by repeating. A method that throws after
/// <see cref="Write"/> would still be saved by the SDK: write last.
/// </para>
/// </summary>
/// <typeparam name="T">The document: a record that changes by replacement.</typeparam>
internal abstract class DocumentActor<T>(ActorHost host) : Actor(host)
    where T : class
{
    private const string Key = "document";

    /// <summary>The stored document; null before the first write.</summary>
    protected async Task<T?> Read()
    {
        await StateManager.ClearCacheAsync();
        var stored = await StateManager.TryGetStateAsync<T>(Key);
        return stored.HasValue ? stored.Value : null;
    }

    /// <summary>Stores the next document at the end of the turn; nothing happens when it is the same object.</summary>
    protected Task Write(T? before, T after) =>
        ReferenceEquals(before, after) ? Task.CompletedTask : StateManager.SetStateAsync(Key, after);

    /// <summary>Deletes the document at the end of the turn.</summary>
    protected Task Remove() => StateManager.RemoveStateAsync(Key);
}
