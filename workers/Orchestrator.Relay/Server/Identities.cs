using Orchestrator.Contracts;

namespace Orchestrator.Relay.Server;

/// <summary>What each identity uses now and has used lately. Not thread-safe, save for the buckets.</summary>
internal sealed class Identities(RelayOptions options, TimeProvider time)
{
    private readonly Dictionary<NodeId, Identity> known = [];

    /// <summary>An identity's use; null when there is no room for another.</summary>
    public Identity? Get(NodeId node)
    {
        if (known.TryGetValue(node, out var identity))
            return identity;
        if (known.Count >= options.MaxIdentities)
            Forget();
        if (known.Count >= options.MaxIdentities)
            return null;
        bool limited = node != options.Platform;
        return known[node] = new Identity(
            limited,
            new TokenBucket(options.HellosPerSecond, options.HelloBurst, time),
            new TokenBucket(options.BytesPerSecond, options.ByteBurst, time));
    }

    // Only those whose buckets have recovered: whoever comes back after a burst must not find a new one.
    private void Forget()
    {
        foreach (var (node, _) in known.Where(p => p.Value is { Pending: 0, Splices: 0 } && p.Value.Hellos.IsFull && p.Value.Bytes.IsFull).ToList())
            known.Remove(node);
    }

    /// <summary>One identity's use.</summary>
    internal sealed class Identity(bool limited, TokenBucket hellos, TokenBucket bytes)
    {
        public bool Limited => limited;

        public TokenBucket Hellos => hellos;

        public TokenBucket Bytes => bytes;

        /// <summary>Its calls, and calls to it, that are not answered.</summary>
        public int Pending { get; set; }

        /// <summary>Streams it is one end of.</summary>
        public int Splices { get; set; }
    }
}
