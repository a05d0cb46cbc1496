using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Drill.Network;

/// <summary>One identity in the drill's network. It holds one shard.</summary>
/// <param name="Key">Its key.</param>
/// <param name="Host">Who operates it.</param>
/// <param name="Stage">The shard.</param>
/// <param name="Conduct">What it does.</param>
/// <param name="Cheats">Whether it is one of the cheaters.</param>
public sealed record DrillNode(SigningKey Key, string Host, int Stage, Conduct Conduct, bool Cheats)
{
    /// <summary>Its id.</summary>
    public NodeId Id => Key.Node;
}
