using System.Net;
using Orchestrator.Contracts;

namespace Orchestrator.Gateway.Nodes;

/// <summary>
/// Limits node keys that were not here before, by remote address and in all: each leaves subscriptions at the broker and a document at the platform for as long as
/// those keep idle ones, and making a key costs nothing. A node that comes back within <see cref="Memory"/> is not counted, so a flood of new ones does not keep
/// it out. Not thread-safe.
/// </summary>
/// <param name="perAddress">New keys of one address at once, and again each hour.</param>
/// <param name="inAll">New keys of all addresses at once, and again each hour.</param>
/// <param name="time">The clock.</param>
internal sealed class FreshKeys(int perAddress, int inAll, TimeProvider time)
{
    /// <summary>How long a key that has left is remembered; also how long an empty bucket takes to fill.</summary>
    public static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    private readonly Dictionary<NodeId, long> seen = [];
    private readonly Dictionary<IPAddress, Entry> addresses = [];
    private readonly TokenBucket all = Bucket(inAll, time);
    private long pruned = time.GetTimestamp();

    /// <summary>Keys that are known now, of nodes that are here or have left.</summary>
    public int Remembered => seen.Count;

    /// <summary>Whether the node may come in; else how long to wait and which of the two limits it met.</summary>
    public bool TryEnter(NodeId node, IPAddress address, out TimeSpan wait, out bool ofAddress)
    {
        Prune();
        (wait, ofAddress) = (TimeSpan.Zero, false);
        if (!seen.ContainsKey(node))
        {
            bool known = addresses.TryGetValue(address, out var entry);
            entry ??= new Entry(Bucket(perAddress, time));
            if (!entry.Bucket.TryTake(1, out wait))
            {
                ofAddress = true;
                return false;
            }

            if (!all.TryTake(1, out wait))
                return false;
            entry.Used = time.GetTimestamp();
            if (!known)
                addresses.Add(address, entry);
        }

        seen[node] = time.GetTimestamp();
        return true;
    }

    /// <summary>The node's stream has ended: from now on its key is remembered for <see cref="Memory"/>.</summary>
    public void Leave(NodeId node) => seen[node] = time.GetTimestamp();

    private void Prune()
    {
        if (time.GetElapsedTime(pruned) < Memory)
            return;
        pruned = time.GetTimestamp();
        foreach (var node in seen.Where(n => time.GetElapsedTime(n.Value) > Memory).Select(n => n.Key).ToList())
            seen.Remove(node);
        foreach (var address in addresses.Where(a => time.GetElapsedTime(a.Value.Used) > Memory).Select(a => a.Key).ToList())
            addresses.Remove(address);
    }

    private static TokenBucket Bucket(int perHour, TimeProvider time) => new(perHour / Memory.TotalSeconds, perHour, time);

    private sealed record Entry(TokenBucket Bucket)
    {
        public long Used { get; set; }
    }
}
