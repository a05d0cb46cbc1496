using Orchestrator.Contracts;

namespace Orchestrator.Core.Nodes;

/// <summary>A node as the platform sees it.</summary>
/// <param name="Record">Its signed record.</param>
/// <param name="Heartbeat">Its last heartbeat; null before the first.</param>
/// <param name="LastSeen">When the platform got it.</param>
/// <param name="EarnedMicroCredits">Sum over what it was paid for jobs.</param>
/// <param name="JobsServed">Jobs it was paid for.</param>
public sealed record NodeState(NodeRecord Record, NodeHeartbeat? Heartbeat, DateTimeOffset LastSeen, long EarnedMicroCredits, long JobsServed)
{
    /// <summary>Its stake and reputation; null for a node of which nothing is known.</summary>
    public NodeStanding? Standing { get; init; }

    /// <summary>When it last showed that it reaches the door for answers to public demands; null when it never did.</summary>
    public DateTimeOffset? DoorProvenAt { get; init; }

    /// <summary>Whether the platform gets through to it; null before the first attempt, and since it has named another endpoint.</summary>
    public NodeReach? Reach { get; init; }

    /// <summary>Until when a demand that it left unanswered, without being provably at fault, keeps it from checked work; null without one.</summary>
    public DateTimeOffset? OwesUntil { get; init; }

    /// <summary>Where a shard stands on this node; null when the node does not report it.</summary>
    public ShardState? ShardOf(Digest manifest, int stage)
    {
        foreach (var shard in Heartbeat?.Shards ?? [])
        {
            if (shard.Stage == stage && shard.Manifest == manifest)
                return shard.State;
        }

        return null;
    }
}
