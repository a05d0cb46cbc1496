using Orchestrator.Core.Reputation;

namespace Orchestrator.Core.Nodes;

/// <summary>What planning must know of a node's stake and reputation.</summary>
/// <param name="Version">Rises with every change; an older standing never replaces a newer one.</param>
/// <param name="Owner">Account that the stake belongs to, and that alone may be the node's host while there is some; null without stake.</param>
/// <param name="Bonded">Micro-credits bonded.</param>
/// <param name="MayWork">Neither jailed nor tombstoned.</param>
/// <param name="Correctness">Of answers.</param>
/// <param name="Presence">Of being there.</param>
public sealed record NodeStanding(long Version, string? Owner, long Bonded, bool MayWork, BetaReputation Correctness, BetaReputation Presence);

/// <summary>What a node needs to get work.</summary>
/// <param name="MinBond">Least bond in micro-credits, 0 or more; with 0 nodes that never bonded work too.</param>
/// <param name="Reputation">How scores bar.</param>
public sealed record StandingRule(long MinBond, ReputationRules Reputation)
{
    /// <summary>Why a node gets no work; null when it does. A node without a standing is a newcomer without stake.</summary>
    public Bar? Bars(NodeStanding? standing, DateTimeOffset now)
    {
        if (standing is null)
            return MinBond > 0 ? Bar.Stake : null;
        if (!standing.MayWork)
            return Bar.Jail;
        if (standing.Bonded < MinBond)
            return Bar.Stake;
        return standing.Correctness.Standing(Reputation.Correctness, now).Barred || standing.Presence.Standing(Reputation.Presence, now).Barred ? Bar.Reputation : null;
    }
}

/// <summary>What bars a node from work.</summary>
public enum Bar
{
    /// <summary>It is jailed or tombstoned.</summary>
    Jail,

    /// <summary>Its bond is too small.</summary>
    Stake,

    /// <summary>A score is below its threshold.</summary>
    Reputation,
}
