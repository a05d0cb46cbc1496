namespace Orchestrator.Sidecar.Storage;

/// <summary>
/// What the sidecar keeps: state entries and published messages. One writer at a time; every call has taken effect
/// when it returns (for SQLite: survives a kill of the process).
/// </summary>
internal interface IStore : IDisposable
{
    /// <summary>The entry, or null when absent or expired at <paramref name="now"/>.</summary>
    StateEntry? Get(string key, DateTimeOffset now);

    /// <summary>All live entries whose key starts with <paramref name="prefix"/>, in key order.</summary>
    IReadOnlyList<StateEntry> Scan(string prefix, DateTimeOffset now);

    /// <summary>
    /// Applies writes in order; element i tells whether write i's condition held.
    /// When <paramref name="atomic"/>, one condition that fails leaves everything as it was.
    /// </summary>
    bool[] Write(IReadOnlyList<StateWrite> writes, bool atomic, DateTimeOffset now);

    /// <summary>Stores a message once, due to every group of its topic, or held for the first group to come when there is none.</summary>
    Appended Append(NewMessage message);

    /// <summary>The message, or null once every group has completed it.</summary>
    StoredMessage? Read(long id);

    /// <summary>Marks a message as done for a group; the last group's completion deletes it.</summary>
    void Complete(GroupKey group, long id);

    /// <summary>Creates the group if new (it then takes over what was held for its topic) and lists what it has not completed, oldest first.</summary>
    IReadOnlyList<long> OpenGroup(GroupKey group);

    IReadOnlyList<GroupKey> Groups();

    /// <summary>Forgets a group and what it has not completed.</summary>
    void DropGroup(GroupKey group);
}

/// <param name="Version">Grows with every write in the store, never reused: the ETag.</param>
internal sealed record StateEntry(string Key, byte[] Value, long Version, DateTimeOffset? Expires);

/// <param name="Value">null deletes.</param>
/// <param name="Condition">What must hold for the write to happen.</param>
internal sealed record StateWrite(string Key, byte[]? Value, WriteCondition Condition = default, DateTimeOffset? Expires = null);

/// <summary>Nothing (default), or that the key is absent (version 0), or that its version is exactly this one.</summary>
internal readonly record struct WriteCondition(long? Version)
{
    public static WriteCondition Absent => new(0L);

    public bool Holds(StateEntry? current) => Version is not { } v || (v == 0 ? current is null : current?.Version == v);
}

/// <summary>A consumer group: every app-id that subscribes to a topic gets each of its messages.</summary>
internal readonly record struct GroupKey(string PubSub, string Topic, string AppId);

/// <param name="Raw">True when the payload is not a CloudEvent.</param>
internal sealed record NewMessage(string PubSub, string Topic, byte[] Payload, bool Raw, DateTimeOffset? Expires);

internal sealed record StoredMessage(long Id, NewMessage Content);

internal readonly record struct Appended(StoredMessage Message, IReadOnlyList<GroupKey> Groups);
