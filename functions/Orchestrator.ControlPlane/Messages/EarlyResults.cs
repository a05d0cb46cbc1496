using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>
/// Results that came before the record of what they answer. Each of them is delivered again and holds one of the broker's few places meanwhile,
/// so a node may keep only a few waiting, and none for long.
/// </summary>
public sealed class EarlyResults(TimeProvider time)
{
    /// <summary>Most sessions waiting per node: fewer than the broker delivers at a time, so that no node alone can hold up all others.</summary>
    public const int MostPerNode = 8;

    /// <summary>Longest wait.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(30);

    private readonly Lock gate = new();
    private readonly Dictionary<NodeId, Dictionary<SessionId, long>> waiting = [];

    /// <summary>Whether a result may come again.</summary>
    public bool MayWait(NodeId node, SessionId session)
    {
        lock (gate)
        {
            if (!waiting.TryGetValue(node, out var sessions))
                waiting.Add(node, sessions = []);
            foreach (var late in sessions.Where(s => time.GetElapsedTime(s.Value) > Patience * 2).Select(s => s.Key).ToList())
                sessions.Remove(late);
            if (sessions.TryGetValue(session, out long since))
                return time.GetElapsedTime(since) <= Patience;
            return sessions.Count < MostPerNode && sessions.TryAdd(session, time.GetTimestamp());
        }
    }

    /// <summary>Gives a place back: the result was taken in.</summary>
    public void Taken(NodeId node, SessionId session)
    {
        lock (gate)
        {
            if (waiting.TryGetValue(node, out var sessions) && sessions.Remove(session) && sessions.Count == 0)
                waiting.Remove(node);
        }
    }
}
