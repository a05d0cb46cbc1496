using Microsoft.Data.Sqlite;

namespace Orchestrator.Sidecar.Storage;

/// <summary>
/// Keeps everything in one SQLite file. Write-ahead log with synchronous=NORMAL: what was answered survives a kill of
/// the process; a power cut may lose the last moments, never the file's integrity.
/// </summary>
internal sealed class SqliteStore : IStore
{
    // Version is the row id: it grows with every write and AUTOINCREMENT never reuses it.
    private const string Put = "INSERT OR REPLACE INTO state (key, value, expires) VALUES ($1, $2, $3)";
    private const string Find = "SELECT version, value, expires FROM state WHERE key = $1 AND (expires IS NULL OR expires > $2)";
    private const string Release = "UPDATE messages SET waiting = waiting - 1 WHERE id = $1";
    private const string Sweep = "DELETE FROM messages WHERE id = $1 AND waiting <= 0";

    /// <summary>The group of messages that nobody subscribes to yet has no app.</summary>
    private const string Nobody = "";

    private readonly Lock _gate = new();
    private readonly SqliteStatements _db;
    private readonly int _heldPerTopic;
    private readonly Dictionary<GroupKey, long> _groups = [];
    private readonly Dictionary<(string, string), List<GroupKey>> _groupsByTopic = [];

    /// <exception cref="IOException">The folder is in use by another sidecar.</exception>
    public SqliteStore(string folder, int heldPerTopic, DateTimeOffset now)
    {
        _heldPerTopic = heldPerTopic;
        _db = new SqliteStatements(folder);
        _db.Run("DELETE FROM state WHERE expires <= $1", Millis(now));
        using var reader = _db.Query("SELECT id, pubsub, topic, app FROM groups");
        while (reader.Read())
        {
            Remember(new GroupKey(reader.GetString(1), reader.GetString(2), reader.GetString(3)), reader.GetInt64(0));
        }
    }

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
            var found = new List<StateEntry>();
            using var reader = _db.Query(
                "SELECT version, value, expires, key FROM state WHERE key >= $1 AND key < $2 AND (expires IS NULL OR expires > $3) ORDER BY key",
                prefix, prefix + '\uffff', Millis(now));
            while (reader.Read())
            {
                found.Add(Entry(reader.GetString(3), reader));
            }
            return found;
        }
    }

    public bool[] Write(IReadOnlyList<StateWrite> writes, bool atomic, DateTimeOffset now)
    {
        lock (_gate)
        {
            var held = new bool[writes.Count];
            if (writes.Count == 1 && writes[0].Condition.Version is null)
            {
                // One statement is its own transaction.
                Apply(writes[0]);
                held[0] = true;
                return held;
            }
            _db.InTransaction(() =>
            {
                for (var i = 0; i < writes.Count; i++)
                {
                    held[i] = writes[i].Condition.Version is null || writes[i].Condition.Holds(Live(writes[i].Key, now));
                    if (held[i])
                    {
                        Apply(writes[i]);
                    }
                    else if (atomic)
                    {
                        return false;
                    }
                }
                return true;
            });
            return held;
        }
    }

    public Appended Append(NewMessage message)
    {
        lock (_gate)
        {
            var groups = _groupsByTopic.TryGetValue((message.PubSub, message.Topic), out var some) ? some : [];
            long id = 0;
            _db.InTransaction(() =>
            {
                id = _db.RunScalar(
                    "INSERT INTO messages (pubsub, topic, raw, expires, waiting, payload) VALUES ($1, $2, $3, $4, $5, $6) RETURNING id",
                    message.PubSub, message.Topic, message.Raw ? 1 : 0, Millis(message.Expires), Math.Max(1, groups.Count), message.Payload);
                foreach (var group in groups)
                {
                    _db.Run("INSERT INTO deliveries (grp, message) VALUES ($1, $2)", _groups[group], id);
                }
                if (groups.Count == 0)
                {
                    Hold(message, id);
                }
                return true;
            });
            return new Appended(new StoredMessage(id, message), [.. groups]);
        }
    }

    public StoredMessage? Read(long id)
    {
        lock (_gate)
        {
            using var reader = _db.Query("SELECT pubsub, topic, raw, expires, payload FROM messages WHERE id = $1", id);
            return reader.Read()
                ? new StoredMessage(id, new NewMessage(reader.GetString(0), reader.GetString(1), reader.GetFieldValue<byte[]>(4), reader.GetInt64(2) != 0, Moment(reader, 3)))
                : null;
        }
    }

    public void Complete(GroupKey group, long id)
    {
        lock (_gate)
        {
            if (_groups.TryGetValue(group, out var number))
            {
                _db.InTransaction(() => Drop(number, id));
            }
        }
    }

    public IReadOnlyList<long> OpenGroup(GroupKey group)
    {
        lock (_gate)
        {
            if (!_groups.TryGetValue(group, out var number))
            {
                var nobody = group with { AppId = Nobody };
                _db.InTransaction(() =>
                {
                    number = _db.RunScalar("INSERT INTO groups (pubsub, topic, app) VALUES ($1, $2, $3) RETURNING id", group.PubSub, group.Topic, group.AppId);
                    if (_groups.TryGetValue(nobody, out var held))
                    {
                        _db.Run("UPDATE deliveries SET grp = $1 WHERE grp = $2", number, held);
                        _db.Run("DELETE FROM groups WHERE id = $1", held);
                    }
                    return true;
                });
                _groups.Remove(nobody);
                Remember(group, number);
            }
            var open = new List<long>();
            using var reader = _db.Query("SELECT message FROM deliveries WHERE grp = $1 ORDER BY message", number);
            while (reader.Read())
            {
                open.Add(reader.GetInt64(0));
            }
            return open;
        }
    }

    public IReadOnlyList<GroupKey> Groups()
    {
        lock (_gate)
        {
            return [.. _groups.Keys.Where(g => g.AppId != Nobody)];
        }
    }

    public void DropGroup(GroupKey group)
    {
        lock (_gate)
        {
            if (!_groups.TryGetValue(group, out var number))
            {
                return;
            }
            _db.InTransaction(() =>
            {
                _db.Run("UPDATE messages SET waiting = waiting - 1 WHERE id IN (SELECT message FROM deliveries WHERE grp = $1)", number);
                _db.Run("DELETE FROM messages WHERE waiting <= 0 AND id IN (SELECT message FROM deliveries WHERE grp = $1)", number);
                _db.Run("DELETE FROM deliveries WHERE grp = $1", number);
                _db.Run("DELETE FROM groups WHERE id = $1", number);
                return true;
            });
            _groups.Remove(group);
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
        lock (_gate)
        {
            _db.Dispose();
        }
    }

    private void Remember(GroupKey group, long number)
    {
        _groups[group] = number;
        if (group.AppId == Nobody)
        {
            return;
        }
        if (!_groupsByTopic.TryGetValue((group.PubSub, group.Topic), out var peers))
        {
            _groupsByTopic[(group.PubSub, group.Topic)] = peers = [];
        }
        peers.Add(group);
    }

    private StateEntry? Live(string key, DateTimeOffset now)
    {
        using var reader = _db.Query(Find, key, Millis(now));
        return reader.Read() ? Entry(key, reader) : null;
    }

    private static StateEntry Entry(string key, SqliteDataReader reader) =>
        new(key, reader.GetFieldValue<byte[]>(1), reader.GetInt64(0), Moment(reader, 2));

    private void Apply(StateWrite write)
    {
        if (write.Value is null)
        {
            _db.Run("DELETE FROM state WHERE key = $1", write.Key);
        }
        else
        {
            _db.Run(Put, write.Key, write.Value, Millis(write.Expires));
        }
    }

    private void Hold(NewMessage message, long id)
    {
        var nobody = new GroupKey(message.PubSub, message.Topic, Nobody);
        if (!_groups.TryGetValue(nobody, out var number))
        {
            number = _db.RunScalar("INSERT INTO groups (pubsub, topic, app) VALUES ($1, $2, $3) RETURNING id", nobody.PubSub, nobody.Topic, Nobody);
            Remember(nobody, number);
        }
        _db.Run("INSERT INTO deliveries (grp, message) VALUES ($1, $2)", number, id);
        if (_db.RunScalar("SELECT COUNT(*) FROM deliveries WHERE grp = $1", number) > _heldPerTopic)
        {
            Drop(number, _db.RunScalar("SELECT MIN(message) FROM deliveries WHERE grp = $1", number));
        }
    }

    private bool Drop(long group, long id)
    {
        if (_db.Run("DELETE FROM deliveries WHERE grp = $1 AND message = $2", group, id) > 0)
        {
            _db.Run(Release, id);
            _db.Run(Sweep, id);
        }
        return true;
    }

    private static object? Millis(DateTimeOffset? at) => at?.ToUnixTimeMilliseconds();

    private static DateTimeOffset? Moment(SqliteDataReader reader, int column) =>
        reader.IsDBNull(column) ? null : DateTimeOffset.FromUnixTimeMilliseconds(reader.GetInt64(column));
}
