using System.Collections.Concurrent;
using System.Text.Json;
using Orchestrator.Durable.History;

namespace Orchestrator.Durable.Journal;

/// <summary>Reads, on connections of their own: WAL lets them go on beside the writer.</summary>
sealed class JournalReader(string path) : IDisposable
{
    readonly ConcurrentBag<JournalSession> _idle = [];
    volatile bool _closed;

    public InstanceRow? Instance(string id) => Use(s => s.Query(
        $"SELECT {InstanceRow.Columns} FROM instances WHERE id = $1", InstanceRow.Read, id).SingleOrDefault());

    public IReadOnlyList<HistoryTurn> History(string id, long execution) => Use(s => s.Query(
        "SELECT data FROM history WHERE instance = $1 AND execution = $2 ORDER BY turn",
        r => JsonSerializer.Deserialize(r.GetString(0), HistoryJson.Default.HistoryTurn)!, id, execution));

    public List<InboxRow> Inbox(string id, int limit) => Use(s => s.Query(
        "SELECT seq, execution, data FROM inbox WHERE instance = $1 ORDER BY seq LIMIT $2",
        r => new InboxRow(
            r.GetInt64(0), r.IsDBNull(1) ? null : r.GetInt64(1), JsonSerializer.Deserialize(r.GetString(2), HistoryJson.Default.WorkflowMessage)!),
        id, limit));

    public List<ActivityRow> Activities() => Use(s => s.Query(
        "SELECT instance, execution, id, name, input, call, attempt FROM activities",
        r => new ActivityRow(r.GetString(0), r.GetInt64(1), r.GetInt32(2), r.GetString(3), r.Text(4), r.GetInt32(5), r.GetInt32(6))));

    public List<TimerRow> Timers() => Use(s => s.Query(
        "SELECT due_at, instance, execution, id FROM timers",
        r => new TimerRow(r.Time(0), r.GetString(1), r.GetInt64(2), r.GetInt32(3))));

    /// <summary>Executions that have not begun, numbered above <paramref name="execution"/>, as start timers.</summary>
    public List<TimerRow> StartsAfter(long execution) => Use(s => s.Query(
        "SELECT start_at, id, execution FROM instances WHERE turns = 0 AND status < 2 AND execution > $1 ORDER BY execution",
        r => new TimerRow(r.Time(0), r.GetString(1), r.GetInt64(2), TimerRow.Start), execution));

    /// <summary>Instances with mail above <paramref name="seq"/>, and the highest number seen for each.</summary>
    public List<(string Instance, long Seq)> MailAfter(long seq) => Use(s => s.Query(
        "SELECT instance, max(seq) FROM inbox WHERE seq > $1 GROUP BY instance", r => (r.GetString(0), r.GetInt64(1)), seq));

    public T Use<T>(Func<JournalSession, T> read)
    {
        ObjectDisposedException.ThrowIf(_closed, this);
        var session = _idle.TryTake(out var idle) ? idle : new(path);
        try
        {
            return read(session);
        }
        finally
        {
            _idle.Add(session);
            if (_closed)
            {
                Close();
            }
        }
    }

    public void Dispose()
    {
        _closed = true;
        Close();
    }

    void Close()
    {
        while (_idle.TryTake(out var session))
        {
            session.Dispose();
        }
    }
}
