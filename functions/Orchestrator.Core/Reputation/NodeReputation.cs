using Orchestrator.Core.Events;

namespace Orchestrator.Core.Reputation;

/// <summary>
/// Both scores of a node. An observation counts once per event id. Being absent moves <see cref="Presence"/> only: it never makes a node look dishonest.
/// </summary>
/// <param name="Correctness">Of answers: results that agreed, audits passed or failed.</param>
/// <param name="Presence">Of being there: assignments and evidence answered in time or not.</param>
/// <param name="Applied">Observations counted.</param>
public sealed record NodeReputation(BetaReputation Correctness, BetaReputation Presence, RecentEvents Applied)
{
    /// <summary>How long an observation may take to be counted. Every job makes some, and the stored document must stay small.</summary>
    private static readonly TimeSpan Memory = TimeSpan.FromHours(1);

    /// <summary>A node of which nothing is known.</summary>
    public static NodeReputation Newcomer(ReputationRules rules, DateTimeOffset now) =>
        new(BetaReputation.Newcomer(rules.Correctness, now), BetaReputation.Newcomer(rules.Presence, now), RecentEvents.None);

    /// <summary>Counts an observation once; repeats and those too old to tell apart change nothing (the same object).</summary>
    public NodeReputation Observe(Observation observation, ReputationRules rules, DateTimeOffset now)
    {
        ArgumentException.ThrowIfNullOrEmpty(observation.EventId);
        if (Applied.Check(observation.EventId, observation.IssuedAt) != Freshness.New)
            return this;
        var next = observation.Kind switch
        {
            ObservationKind.Right => this with { Correctness = Correctness.Observe(true, rules.Correctness, now) },
            ObservationKind.Wrong => this with { Correctness = Correctness.Observe(false, rules.Correctness, now) },
            ObservationKind.Present => this with { Presence = Presence.Observe(true, rules.Presence, now) },
            ObservationKind.Absent => this with { Presence = Presence.Observe(false, rules.Presence, now) },
            _ => throw new ArgumentException($"Unknown observation {observation.Kind}.", nameof(observation)),
        };
        return next with { Applied = Applied.Remember(observation.EventId, observation.IssuedAt, now, Memory) };
    }

    /// <summary>Neither score bars the node.</summary>
    public bool MayWork(ReputationRules rules, DateTimeOffset now) =>
        !Correctness.Standing(rules.Correctness, now).Barred && !Presence.Standing(rules.Presence, now).Barred;
}

/// <summary>Rules of both scores.</summary>
public sealed record ReputationRules(ReputationRule Correctness, ReputationRule Presence)
{
    /// <summary>Storj's constants.</summary>
    public static ReputationRules Default { get; } = new(ReputationRule.Correctness, ReputationRule.Presence);
}

/// <summary>Something seen of a node.</summary>
/// <param name="EventId">Unique for this observation, e.g. <c>audit:&lt;id&gt;</c>; the same on every repeat.</param>
/// <param name="Kind">What.</param>
/// <param name="IssuedAt">When it was decided: the same on every repeat.</param>
public sealed record Observation(string EventId, ObservationKind Kind, DateTimeOffset IssuedAt);

/// <summary>Kinds of observations.</summary>
public enum ObservationKind
{
    /// <summary>An answer agreed with others, or an audit found it right.</summary>
    Right,

    /// <summary>An answer was outvoted, or an audit or referee found it wrong.</summary>
    Wrong,

    /// <summary>Work or evidence came in time.</summary>
    Present,

    /// <summary>Work or evidence did not come.</summary>
    Absent,
}
