using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Stake;

namespace Orchestrator.ControlPlane.Nodes;

/// <summary>A node as the API shows it.</summary>
/// <param name="Node">Its id.</param>
/// <param name="Host">Account that operates it.</param>
/// <param name="Region">Its region label.</param>
/// <param name="Status"><c>ready, draining, stale</c>, <c>unreached</c> when it reports but the platform does not get through to it, or <c>registered</c> before the first heartbeat.</param>
/// <param name="LastSeen">When the platform heard of it last.</param>
/// <param name="ActiveSessions">Sessions at that time.</param>
/// <param name="Shards">Shards it holds or is getting; in lists the first ones only, without their errors.</param>
/// <param name="Capability">What it offers.</param>
/// <param name="PricePerLayerToken">What it asks, in micro-credits.</param>
/// <param name="DataEndpoint">Its data plane.</param>
/// <param name="StreamEndpoint">Its stream API.</param>
/// <param name="Relay"><c>host:port</c> of its relay; null without one.</param>
/// <param name="Reach">How it is reached: <c>direct, relay</c> or <c>either</c>.</param>
/// <param name="Earned">Micro-credits earned so far.</param>
/// <param name="JobsServed">Jobs it was paid for.</param>
/// <param name="Standing">Its stake and score in short.</param>
/// <param name="Trust">All that is known for and against it; null in lists.</param>
public sealed record NodeView(
    NodeId Node,
    string Host,
    string Region,
    string Status,
    DateTimeOffset LastSeen,
    int ActiveSessions,
    IReadOnlyList<ShardStatus> Shards,
    NodeCapability Capability,
    long PricePerLayerToken,
    string DataEndpoint,
    Uri StreamEndpoint,
    string? Relay,
    string Reach,
    long Earned,
    long JobsServed,
    StandingView Standing,
    TrustView? Trust)
{
    /// <summary>Why it gets no work above <c>none</c> although it is not barred; null when it does, and in lists.</summary>
    public string? Unchecked { get; init; }

    /// <summary>Why it gets no work although it reports: the platform does not get through to it; null when it does, and in lists.</summary>
    public string? Unreached { get; init; }

    /// <summary>When it last showed that it reaches the door for answers to public demands; null when it never did.</summary>
    public DateTimeOffset? DoorProvenAt { get; init; }
}

/// <summary>A page of nodes by id.</summary>
public sealed record NodeList(IReadOnlyList<NodeView> Nodes)
{
    /// <summary>What to pass as <c>after</c> for the next page; null on the last one.</summary>
    public string? Next { get; init; }
}
