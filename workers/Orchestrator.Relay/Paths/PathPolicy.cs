using Orchestrator.Contracts;

namespace Orchestrator.Relay.Paths;

/// <summary>
/// Chooses the way to each peer by what was measured: direct where it works, the relay where it does not or is clearly faster. A direct way that failed is
/// tried again now and then. Peers are known by their certificates, so a restarted peer is a new one.
/// </summary>
public sealed class PathPolicy(PathOptions options, TimeProvider time)
{
    private readonly Lock gate = new();
    private readonly Dictionary<Digest, Peer> peers = [];

    /// <summary>What to try, of the ways there are.</summary>
    /// <exception cref="InvalidDataException">There is none.</exception>
    public PathPlan Plan(Digest certificate, bool direct, bool relay)
    {
        if (!direct || !relay)
            return new PathPlan(direct ? LinkPath.Direct : relay ? LinkPath.Relay : throw new InvalidDataException("The peer has neither an endpoint nor a relay."), null, TimeSpan.Zero);
        lock (gate)
        {
            var peer = Known(certificate);
            if (peer.Failures > 0 && !IsDue(peer))
                return new PathPlan(LinkPath.Relay, LinkPath.Direct, options.HeadStartBounds.Most);
            if (RelayIsFaster(peer))
                return new PathPlan(LinkPath.Relay, LinkPath.Direct, options.HeadStartBounds.Most);
            var (least, most) = options.HeadStartBounds;
            var head = peer.Direct.Connect is { } took ? TimeSpan.FromTicks(Math.Clamp(3 * took.Ticks, least.Ticks, most.Ticks)) : options.HeadStart;
            return new PathPlan(LinkPath.Direct, LinkPath.Relay, head);
        }
    }

    /// <summary>Whether a peer that is reached through a relay should be dialled directly once more.</summary>
    public bool IsProbeDue(Digest certificate)
    {
        lock (gate)
        {
            var peer = Known(certificate);
            return IsDue(peer) && !RelayIsFaster(peer);
        }
    }

    /// <summary>Whether the last direct dial succeeded.</summary>
    public bool IsProven(Digest certificate)
    {
        lock (gate)
            return Known(certificate) is { Failures: 0, Direct.Connect: not null };
    }

    /// <summary>A way was opened, the peer's own TLS included.</summary>
    public void Connected(Digest certificate, LinkPath path, TimeSpan took)
    {
        lock (gate)
        {
            var peer = Known(certificate);
            peer.Of(path).Connect = Blend(peer.Of(path).Connect, took);
            if (path == LinkPath.Direct)
                (peer.Failures, peer.TriedAt) = (0, time.GetTimestamp());
        }
    }

    /// <summary>A way did not open, or not before the other.</summary>
    public void Failed(Digest certificate, LinkPath path)
    {
        if (path != LinkPath.Direct)
            return;
        lock (gate)
        {
            var peer = Known(certificate);
            (peer.Failures, peer.TriedAt) = (peer.Failures + 1, time.GetTimestamp());
        }
    }

    /// <summary>A round trip on an open link.</summary>
    public void Measured(Digest certificate, LinkPath path, TimeSpan roundTrip)
    {
        lock (gate)
        {
            var way = Known(certificate).Of(path);
            way.RoundTrip = Blend(way.RoundTrip, roundTrip);
        }
    }

    private bool IsDue(Peer peer)
    {
        if (peer.Failures == 0)
            return true;
        var wait = options.Reprobe * Math.Pow(2, Math.Min(peer.Failures - 1, 20));
        return time.GetElapsedTime(peer.TriedAt) >= (wait < options.LongestReprobe ? wait : options.LongestReprobe);
    }

    // Only while the measurement is young: what was slow may have become fast.
    private bool RelayIsFaster(Peer peer) =>
        peer.Direct.RoundTrip is { } direct && peer.Relay.RoundTrip is { } relay && direct > relay * options.RelayAdvantage && direct - relay > options.LeastGain
        && time.GetElapsedTime(peer.TriedAt) < options.LongestReprobe;

    private TimeSpan Blend(TimeSpan? before, TimeSpan now) => before is { } old ? old + (now - old) * options.Weight : now;

    private Peer Known(Digest certificate)
    {
        if (!peers.TryGetValue(certificate, out var peer))
        {
            if (peers.Count >= options.MaxPeers)
                peers.Remove(peers.MinBy(p => p.Value.UsedAt).Key);
            peers[certificate] = peer = new Peer();
        }

        peer.UsedAt = time.GetTimestamp();
        return peer;
    }

    private sealed class Peer
    {
        public Way Direct { get; } = new();

        public Way Relay { get; } = new();

        // Direct dials since the last that succeeded, and when the last was.
        public int Failures { get; set; }

        public long TriedAt { get; set; }

        public long UsedAt { get; set; }

        public Way Of(LinkPath path) => path == LinkPath.Direct ? Direct : Relay;
    }

    private sealed class Way
    {
        public TimeSpan? Connect { get; set; }

        public TimeSpan? RoundTrip { get; set; }
    }
}
