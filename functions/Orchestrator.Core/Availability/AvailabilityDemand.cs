using System.Text.Json.Serialization;
using Orchestrator.Contracts;

namespace Orchestrator.Core.Availability;

/// <summary>
/// A public demand of evidence as a pure state machine. It ends in one of three ways:
/// <list type="bullet">
/// <item>answered: the file came, from the node or through anybody; what witnesses said before counts for nothing;</item>
/// <item>withheld: enough rounds counted, and the window is over. Witnesses that lie cannot bring this about against a node that answers, as it answers to the platform itself;</item>
/// <item>open: too few witnesses had anything to say, or the node's duty to keep the file has ended. Then it may be the platform that was away, and nobody loses anything.</item>
/// </list>
/// </summary>
/// <param name="Accused">Host of the node; it witnesses nothing here.</param>
/// <param name="Rules">What it takes.</param>
/// <param name="OpenedAt">When the demand was made public.</param>
/// <param name="KeptUntil">Until when the node had to keep the file, as its assignment said.</param>
/// <param name="Asked">Rounds asked.</param>
/// <param name="Counted">Rounds in which a quorum saw nothing fit.</param>
/// <param name="Outcome">How it ended; null while it has not.</param>
public sealed record AvailabilityDemand(
    string Accused, AvailabilityRules Rules, DateTimeOffset OpenedAt, DateTimeOffset KeptUntil, int Asked, int Counted, DemandOutcome? Outcome)
{
    /// <summary>Opens a demand.</summary>
    public static AvailabilityDemand Open(string accused, AvailabilityRules rules, DateTimeOffset now, DateTimeOffset keptUntil)
    {
        rules.Validate();
        return new(accused, rules, now, keptUntil, 0, 0, null);
    }

    /// <summary>Rounds in which a quorum saw nothing fit of a node that may not have been able to answer: they do not count.</summary>
    public int Excused { get; init; }

    /// <summary>Earliest time of a finding.</summary>
    [JsonIgnore]
    public DateTimeOffset AnswerUntil => OpenedAt + Rules.Window;

    /// <summary>The file has come.</summary>
    public AvailabilityDemand Answer() => Outcome is null ? this with { Outcome = DemandOutcome.Answered } : this;

    /// <summary>
    /// Takes in what the witnesses of the next round said; silent ones are left out. Nothing counts against a node that has not shown lately that it reaches the door for answers.
    /// That nobody reaches the node counts only while the platform hears from it: a node of which neither is known may be cut off, and absence proves nothing. Who was refused,
    /// or served what does not fit, has reached it.
    /// </summary>
    /// <param name="statements">What they said.</param>
    /// <param name="hearing">What the platform knows of the node's ways to it.</param>
    public AvailabilityDemand Round(IReadOnlyCollection<WitnessStatement> statements, NodeHearing hearing)
    {
        if (Outcome is not null)
            return this;
        bool saw = IsQuorum(statements, unreachable: true);
        bool counts = hearing.DoorProven && IsQuorum(statements, unreachable: hearing.Heard);
        return this with { Asked = Asked + 1, Counted = Counted + (counts ? 1 : 0), Excused = Excused + (saw && !counts ? 1 : 0) };
    }

    /// <summary>Ends the demand when there is nothing more to wait for.</summary>
    public AvailabilityDemand Close(DateTimeOffset now)
    {
        if (Outcome is not null)
            return this;
        if (now > KeptUntil)
            return this with { Outcome = DemandOutcome.Open };
        if (Counted >= Rules.Rounds)
            return now >= AnswerUntil ? this with { Outcome = DemandOutcome.Withheld } : this;
        return Asked >= Rules.MostRounds || Counted + Rules.MostRounds - Asked < Rules.Rounds ? this with { Outcome = DemandOutcome.Open } : this;
    }

    private bool IsQuorum(IEnumerable<WitnessStatement> statements, bool unreachable) => statements
        .Where(s => s.Host != Accused && (s.Saw is Sighting.Refused or Sighting.Unfit || (unreachable && s.Saw == Sighting.Unreachable)))
        .Select(s => s.Host).Distinct().Count() >= Rules.Quorum;
}

/// <summary>What the platform knows of a node's ways to it.</summary>
/// <param name="Heard">Its heartbeats come.</param>
/// <param name="DoorProven">It has shown lately that it reaches the door for answers.</param>
public sealed record NodeHearing(bool Heard, bool DoorProven);

/// <summary>What a witness said in a round.</summary>
/// <param name="Witness">The node.</param>
/// <param name="Host">Its host.</param>
/// <param name="Saw">What it saw.</param>
public sealed record WitnessStatement(NodeId Witness, string Host, Sighting Saw);

/// <summary>How a demand ends.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<DemandOutcome>))]
public enum DemandOutcome
{
    /// <summary>The file came.</summary>
    [JsonStringEnumMemberName("answered")]
    Answered,

    /// <summary>It was withheld.</summary>
    [JsonStringEnumMemberName("withheld")]
    Withheld,

    /// <summary>Nothing could be found.</summary>
    [JsonStringEnumMemberName("open")]
    Open,
}
