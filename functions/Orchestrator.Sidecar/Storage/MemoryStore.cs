namespace Orchestrator.Sidecar.Storage;

/// <summary>Keeps everything in dictionaries; gone with the process.</summary>
/// <param name="heldPerTopic">Messages kept for a topic nobody subscribes to yet; the oldest go first.</param>
internal sealed class MemoryStore(int heldPerTopic) : IStore
{
    private readonly Lock _gate = new();
    private readonly SortedDictionary<string, StateEntry> _state = new(StringComparer.Ordinal);
    private readonly Dictionary<long, (StoredMessage Message, int Groups)> _messages = [];
    private readonly Dictionary<GroupKey, SortedSet<long>> _groups = [];
    private readonly Dictionary<(string, string), List<GroupKey>> _groupsByTopic = [];
    private readonly Dictionary<(string, string), Queue<long>> _held = [];
    private long _version;
    private long _lastId;

    public StateEntry? Get(string key, DateTimeOffset now)
    {
        lock (_gate)
        {
            return Live(key, now);
        }
    }

    public IReadOnlyList<StateEntry> Scan(string prefix, DateTimeOffset now)
    {
        lock (_gate)
        {
            return [.. _state.Values.Where(e => e.Key.StartsWith(prefix, StringComparison.Ordinal) && !(e.Expires <= now))];
        }
    }

    public bool[] Write(IReadOnlyList<StateWrite> writes, bool atomic, DateTimeOffset now)
    {
        lock (_gate)
        {
            var held = new bool[writes.Count];
            var undo = new List<(string Key, StateEntry? Before)>();
            for (var i = 0; i < writes.Count; i++)
            {
                var write = writes[i];
                var current = Live(write.Key, now);
                held[i] = write.Condition.Holds(current);
                if (!held[i])
                {
                    if (atomic)
                    {
                        Undo(undo);
                        return held;
                    }
                    continue;
                }
                undo.Add((write.Key, current));
                if (write.Value is null)
                {
                    _state.Remove(write.Key);
                }
                else
                {
                    _state[write.Key] = new StateEntry(write.Key, write.Value, ++_version, write.Expires);
                }
            }
            return held;
        }
    }

    public Appended Append(NewMessage message)
    {
        lock (_gate)
        {
            var stored = new StoredMessage(++_lastId, message);
            var topic = (message.PubSub, message.Topic);
            if (_groupsByTopic.TryGetValue(topic, out var groups))
            {
                foreach (var group in groups)
                {
                    _groups[group].Add(stored.Id);
                }
                _messages[stored.Id] = (stored, groups.Count);
                return new Appended(stored, [.. groups]);
            }
            Hold(topic, stored);
            return new Appended(stored, []);
        }
    }

    public StoredMessage? Read(long id)
    {
        lock (_gate)
        {
            return _messages.TryGetValue(id, out var m) ? m.Message : null;
        }
    }

    public void Complete(GroupKey group, long id)
    {
        lock (_gate)
        {
            if (_groups.TryGetValue(group, out var open) && open.Remove(id))
            {
                Release(id);
            }
        }
    }

    public IReadOnlyList<long> OpenGroup(GroupKey group)
    {
        lock (_gate)
        {
            if (!_groups.TryGetValue(group, out var open))
            {
                _groups[group] = open = [];
                var topic = (group.PubSub, group.Topic);
                if (!_groupsByTopic.TryGetValue(topic, out var peers))
                {
                    _groupsByTopic[topic] = peers = [];
                }
                peers.Add(group);
                if (_held.Remove(topic, out var held))
                {
                    open.UnionWith(held);
                }
            }
            return [.. open];
        }
    }

    public IReadOnlyList<GroupKey> Groups()
    {
        lock (_gate)
        {
            return [.. _groups.Keys];
        }
    }

    public void DropGroup(GroupKey group)
    {
        lock (_gate)
        {
            if (!_groups.Remove(group, out var open))
            {
                return;
            }
            foreach (var id in open)
            {
                Release(id);
            }
            var topic = (group.PubSub, group.Topic);
            _groupsByTopic[topic].Remove(group);
            if (_groupsByTopic[topic].Count == 0)
            {
                _groupsByTopic.Remove(topic);
            }
        }
    }

    public void Dispose()
    {
    }

    private StateEntry? Live(string key, DateTimeOffset now) =>
        _state.TryGetValue(key, out var e) && !(e.Expires <= now) ? e : null;

    private void Undo(List<(string Key, StateEntry? Before)> undo)
    {
        for (var i = undo.Count - 1; i >= 0; i--)
        {
            if (undo[i].Before is { } before)
            {
                _state[undo[i].Key] = before;
            }
            else
            {
                _state.Remove(undo[i].Key);
            }
        }
    }

    private void Hold((string, string) topic, StoredMessage message)
    {
        if (!_held.TryGetValue(topic, out var held))
        {
            _held[topic] = held = new Queue<long>();
        }
        held.Enqueue(message.Id);
        _messages[message.Id] = (message, 1);
        while (held.Count > heldPerTopic)
        {
            _messages.Remove(held.Dequeue());
        }
    }

    private void Release(long id)
    {
        var (message, groups) = _messages[id];
        if (groups > 1)
        {
            _messages[id] = (message, groups - 1);
        }
        else
        {
            _messages.Remove(id);
        }
    }
}
