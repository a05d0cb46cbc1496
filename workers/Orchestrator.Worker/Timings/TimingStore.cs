using Orchestrator.Contracts;
using Orchestrator.Worker.Sessions;

namespace Orchestrator.Worker.Timings;

/// <summary>Keeps where the time of ended sessions went, in memory: the newest sessions up to a number of passes. A restart forgets them.</summary>
/// <param name="mostPasses">Passes kept in all, 1 or more; one takes under 100 bytes.</param>
/// <param name="time">Whose readings the passes carry.</param>
public sealed class TimingStore(int mostPasses, TimeProvider time)
{
    /// <summary>Passes that a node keeps by default.</summary>
    public const int DefaultPasses = 262_144;

    private readonly Lock gate = new();
    private readonly Dictionary<SessionId, Entry> entries = [];
    private readonly Queue<SessionId> order = new();
    private int passes;

    /// <summary>Keeps a stage's passes.</summary>
    public void Add(SessionId session, int stage, IReadOnlyList<PassTimes> times)
    {
        if (times.Count > mostPasses)
            return;
        lock (gate)
        {
            if (EntryOf(session).Stages.TryAdd(stage, times))
                Grow(times.Count);
        }
    }

    /// <summary>Keeps what an edge saw.</summary>
    public void Add(SessionId session, EdgeTimings edge)
    {
        if (edge.Trips.Count > mostPasses)
            return;
        lock (gate)
        {
            var entry = EntryOf(session);
            if (entry.Edge is not null)
                return;
            entry.Edge = edge;
            Grow(edge.Trips.Count);
        }
    }

    /// <summary>What is kept of a session; null when nothing is.</summary>
    public NodeTimings? Find(SessionId session)
    {
        lock (gate)
        {
            return entries.TryGetValue(session, out var entry)
                ? new NodeTimings(
                    NodeTimings.CurrentSchema,
                    session,
                    [.. entry.Stages.OrderBy(s => s.Key).Select(s => new StageTimings(s.Key, [.. s.Value.Select(Timing)]))],
                    entry.Edge)
                : null;
        }
    }

    private Entry EntryOf(SessionId session)
    {
        if (entries.TryGetValue(session, out var entry))
            return entry;
        // A session without passes counts too, so that there are never endlessly many.
        passes++;
        order.Enqueue(session);
        return entries[session] = new Entry();
    }

    private void Grow(int by)
    {
        passes += by;
        while (passes > mostPasses && order.TryDequeue(out var oldest) && entries.Remove(oldest, out var dropped))
            passes -= dropped.Passes;
    }

    private PassTiming Timing(PassTimes p) => new(
        p.Choice, p.Position, p.Tokens, Micros(p.Received, p.Started), Micros(p.Started, p.Ran), Micros(p.Ran, p.Sent), Micros(p.Sent, p.Committed));

    private long Micros(long from, long to) => (long)time.GetElapsedTime(from, to).TotalMicroseconds;

    private sealed class Entry
    {
        public Dictionary<int, IReadOnlyList<PassTimes>> Stages { get; } = [];

        public EdgeTimings? Edge { get; set; }

        public int Passes => 1 + Stages.Values.Sum(s => s.Count) + (Edge?.Trips.Count ?? 0);
    }
}
