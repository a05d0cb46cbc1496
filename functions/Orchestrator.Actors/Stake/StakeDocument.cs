using System.Collections.Immutable;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;

namespace Orchestrator.Actors.Stake;

/// <summary>What a stake actor stores. Every change gives the next document, or the same object when there is nothing new.</summary>
/// <param name="Version">Rises with every change that planning must know of.</param>
/// <param name="Told">Version that the node's actor knows.</param>
/// <param name="Book">The stake; null before anybody claimed it.</param>
/// <param name="Reputation">Both scores.</param>
/// <param name="Audits">Latest audits, oldest first.</param>
/// <param name="Slashes">Latest slashes, oldest first.</param>
/// <param name="FlushAt">When the reminder that flushes is due; null when none is set.</param>
/// <param name="Listed">Whether the list of all books has this stake.</param>
internal sealed record StakeDocument(
    long Version,
    long Told,
    StakeBook? Book,
    NodeReputation Reputation,
    ImmutableArray<AuditLine> Audits,
    ImmutableArray<SlashLine> Slashes,
    DateTimeOffset? FlushAt,
    bool Listed = false)
{
    /// <summary>Most audits listed.</summary>
    public const int MaxAudits = 64;

    /// <summary>Most slashes listed with their evidence.</summary>
    public const int MaxSlashes = 32;

    /// <summary>Most evidence blobs listed for a slash.</summary>
    public const int MaxEvidence = 16;

    /// <summary>Whether something has not reached other actors yet.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public bool Owes => Told < Version || Book is { Pending.IsEmpty: false };

    public static StakeDocument Newcomer(ReputationRules rules, DateTimeOffset now) =>
        new(0, 0, null, NodeReputation.Newcomer(rules, now), [], [], null);

    /// <summary>Gives the stake to an account, unless there is some of another one. Payouts on their way have their account already. A barred node stays barred under any owner.</summary>
    public StakeDocument Claim(NodeId node, string owner) => Book switch
    {
        null => Next(this with { Book = StakeBook.Open(node, owner) }),
        { AtStake: 0 } free when free.Owner != owner => Next(this with { Book = free with { Owner = owner } }),
        _ => this,
    };

    public StakeDocument With(StakeBook book) => ReferenceEquals(book, Book) ? this : Next(this with { Book = book });

    public StakeDocument Slashed(SlashLine line) => this with { Slashes = Keep(Slashes, line, MaxSlashes) };

    public StakeDocument Observe(IEnumerable<Observation> observations, ReputationRules rules, DateTimeOffset now)
    {
        var reputation = observations.Aggregate(Reputation, (seen, observation) => seen.Observe(observation, rules, now));
        return ReferenceEquals(reputation, Reputation) ? this : Next(this with { Reputation = reputation });
    }

    public StakeDocument List(AuditLine audit) =>
        Audits.Any(a => a.Audit == audit.Audit) ? this : this with { Audits = Keep(Audits, audit, MaxAudits) };

    public NodeStanding Standing() => new(
        Version,
        Book is { AtStake: > 0 } ? Book.Owner : null,
        Book?.Bonded ?? 0,
        Book?.MayWork ?? true,
        Reputation.Correctness,
        Reputation.Presence);

    public StakeState State(ReputationRules rules, DateTimeOffset now) => new(
        Book?.Owner,
        Book,
        Reputation.Correctness.Standing(rules.Correctness, now),
        Reputation.Presence.Standing(rules.Presence, now),
        Audits,
        Slashes);

    private static StakeDocument Next(StakeDocument changed) => changed with { Version = changed.Version + 1 };

    private static ImmutableArray<T> Keep<T>(ImmutableArray<T> lines, T line, int most) => [.. lines.Skip(Math.Max(0, lines.Length + 1 - most)), line];
}
