using Orchestrator.Contracts;
using Orchestrator.Core.Events;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Actors.Nodes;

/// <summary>What a node actor stores. Every change gives the next document, or the same object when there is nothing new.</summary>
/// <param name="Version">Rises with every change.</param>
/// <param name="State">The node.</param>
/// <param name="Earnings">Earnings booked.</param>
internal sealed record NodeDocument(long Version, NodeState State, RecentEvents Earnings)
{
    public static NodeDocument Register(NodeDocument? document, NodeRecord record, DateTimeOffset now)
    {
        if (document is null)
            return new(1, new NodeState(record, null, now, 0, 0), RecentEvents.None);
        // A staked node belongs to whoever bonded for it: its key alone cannot move it, and its earnings, to another host.
        bool foreign = document.State.Standing?.Owner is { } owner && owner != record.Host;
        return foreign || record.IssuedAt <= document.State.Record.IssuedAt
            ? document
            : document.Next(document.State with { Record = record, Reach = SameWay(document.State.Record, record) ? document.State.Reach : null });
    }

    public NodeDocument Stand(NodeStanding standing) =>
        standing.Version <= (State.Standing?.Version ?? 0) ? this : Next(State with { Standing = standing });

    public NodeDocument ProveDoor(DateTimeOffset at) =>
        at <= (State.DoorProvenAt ?? DateTimeOffset.MinValue) ? this : Next(State with { DoorProvenAt = at });

    public NodeDocument Dialled(NodeDial dial)
    {
        var (record, before) = (State.Record, State.Reach);
        if (dial.Endpoint != record.StreamEndpoint || dial.Certificate != record.CertificateDigest || dial.At <= before?.At)
            return this;
        return Next(State with { Reach = dial.Reached ? new(dial.At, dial.At, 0) : new(dial.At, before?.ReachedAt, before is null ? 1 : checked(before.Missed + 1)) });
    }

    public NodeDocument Owe(DateTimeOffset until) =>
        until <= (State.OwesUntil ?? DateTimeOffset.MinValue) ? this : Next(State with { OwesUntil = until });

    public NodeDocument Take(NodeHeartbeat heartbeat, DateTimeOffset receivedAt) =>
        heartbeat.Sequence <= (State.Heartbeat?.Sequence ?? long.MinValue)
            ? this
            : Next(State with { Heartbeat = heartbeat, LastSeen = receivedAt > State.LastSeen ? receivedAt : State.LastSeen });

    /// <summary>Earnings too old to tell apart are left out: they are a statistic, the money is in the host's account.</summary>
    public NodeDocument Take(NodeEarning earning, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrEmpty(earning.EventId);
        ArgumentOutOfRangeException.ThrowIfNegative(earning.Amount);
        if (Earnings.Check(earning.EventId, earning.IssuedAt) != Freshness.New)
            return this;
        var next = Next(State with
        {
            EarnedMicroCredits = checked(State.EarnedMicroCredits + earning.Amount),
            JobsServed = State.JobsServed + 1,
        });
        return next with { Earnings = Earnings.Remember(earning.EventId, earning.IssuedAt, now) };
    }

    /// <summary>Whether nobody would miss it. A node that comes back repeats its record.</summary>
    public bool IsForgettable(DateTimeOffset silentSince) =>
        State is { Standing: null, JobsServed: 0, EarnedMicroCredits: 0 } && State.LastSeen < silentSince && !(State.OwesUntil >= silentSince);

    private static bool SameWay(NodeRecord a, NodeRecord b) =>
        a.StreamEndpoint == b.StreamEndpoint && a.CertificateDigest == b.CertificateDigest && a.Relay == b.Relay;

    private NodeDocument Next(NodeState state) => this with { Version = Version + 1, State = state };
}
