using System.Collections.Concurrent;
using Orchestrator.Contracts;
using Orchestrator.Gateway.Hosting;

namespace Orchestrator.Gateway.Nodes;

/// <summary>How much each node may publish. A node that comes back finds its limits as it left them.</summary>
internal sealed class NodeLimits(GatewayOptions options, TimeProvider time)
{
    private readonly ConcurrentDictionary<NodeId, Entry> nodes = new();
    // After so long every bucket is full again, and a new one is as good.
    private readonly TimeSpan refill = TimeSpan.FromSeconds(1 + Math.Max(
        (double)options.PublishBurst / options.PublishesPerSecond, (double)options.PublishBytesBurst / options.PublishBytesPerSecond));

    /// <summary>Counts one message; else says how long to wait.</summary>
    public bool TryPublish(NodeId node, int bytes, out TimeSpan wait)
    {
        if (nodes.Count > 2 * options.MaxNodes)
            Prune();
        var entry = nodes.GetOrAdd(node, _ => new Entry(
            new TokenBucket(options.PublishesPerSecond, options.PublishBurst, time), new TokenBucket(options.PublishBytesPerSecond, options.PublishBytesBurst, time)));
        entry.Used = time.GetTimestamp();
        return entry.Messages.TryTake(1, out wait) && entry.Bytes.TryTake(bytes, out wait);
    }

    private void Prune()
    {
        foreach (var (node, entry) in nodes)
        {
            if (time.GetElapsedTime(entry.Used) > refill)
                nodes.TryRemove(node, out _);
        }
    }

    private sealed record Entry(TokenBucket Messages, TokenBucket Bytes)
    {
        public long Used { get; set; }
    }
}
