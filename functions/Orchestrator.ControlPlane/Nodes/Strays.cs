using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Nodes;

/// <summary>
/// Manifests that nodes still show although no model has them any more. A node can invent any number of them, so only a few are remembered of each node.
/// </summary>
/// <param name="patience">How long a node must show one before it is told to drop it.</param>
/// <param name="time">The clock.</param>
public sealed class Strays(TimeSpan patience, TimeProvider time)
{
    /// <summary>Most that is remembered of a node, and so most that it is told at once; the rest comes after.</summary>
    public const int MostOfANode = 8;

    /// <summary>Most nodes remembered; of further ones strays stay where they are for now.</summary>
    public const int MostNodes = 10_000;

    private readonly Lock gate = new();
    private readonly Dictionary<NodeId, Shown> nodes = [];
    private long swept = time.GetTimestamp();

    /// <summary>Nodes remembered now.</summary>
    public int Nodes
    {
        get
        {
            lock (gate)
                return nodes.Count;
        }
    }

    /// <summary>Takes what a node's newest heartbeat shows of no model, and gives what it is to drop now.</summary>
    public IReadOnlyList<Digest> Take(NodeId node, IEnumerable<Digest> shown)
    {
        long now = time.GetTimestamp();
        lock (gate)
        {
            var before = nodes.GetValueOrDefault(node)?.Since;
            Dictionary<Digest, long> since = [];
            List<Digest> due = [];
            // Those already waited for come first: a node that shows others each time must not keep them from being dropped.
            foreach (var manifest in shown.Distinct().OrderByDescending(m => before?.ContainsKey(m) == true).Take(MostOfANode))
            {
                long first = before is not null && before.TryGetValue(manifest, out long known) ? known : now;
                bool late = time.GetElapsedTime(first, now) >= patience;
                if (late)
                    due.Add(manifest);
                since[manifest] = late ? now : first;
            }

            if (since.Count == 0)
                nodes.Remove(node);
            else if (before is not null || HasRoom(now))
                nodes[node] = new Shown(now, since);
            return due;
        }
    }

    private bool HasRoom(long now)
    {
        if (nodes.Count >= MostNodes && time.GetElapsedTime(swept, now) >= patience)
        {
            swept = now;
            // A node that lives shows its shards every interval, and patience is longer than that.
            foreach (var silent in nodes.Where(n => time.GetElapsedTime(n.Value.At, now) > patience).Select(n => n.Key).ToList())
                nodes.Remove(silent);
        }

        return nodes.Count < MostNodes;
    }

    private sealed record Shown(long At, Dictionary<Digest, long> Since);
}
