using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Contracts;
using Orchestrator.Core.Stake;

namespace Orchestrator.Core.Disputes;

/// <summary>
/// A dispute as a pure state machine. Committed leaves show the first stage and chunk in which challenger and receipt differ; sizes, then states of both
/// parties' traces (<see cref="TraceQuery"/>) narrow that to the first step that differs, whose inputs are then agreed; a referee runs just this step. If the whole traces agree,
/// one party's hash of the chunk contradicts its own trace, and the referee hashes that. Draws need no narrowing: the referee repeats those of the named chunk, whose leaf both agree on.
/// <para>
/// Every move takes (this, time) to (next, status); moves that are repeated, late or not asked for change nothing. Whoever contradicts an own
/// signed statement loses at once; whoever is silent at the deadline while the other answered loses; if both are silent nobody does. Every phase has a deadline
/// and the number of phases is bounded (<see cref="DisputeRules.Longest"/>), so every dispute ends if <see cref="Tick"/> is called.
/// </para>
/// <para>The caller checks signatures, roots and paths; what reaches this class was signed by the party or served by it.</para>
/// </summary>
/// <param name="Opening">The challenge.</param>
/// <param name="Rules">Its times.</param>
/// <param name="Version">Rises by one with every change.</param>
/// <param name="Clock">The latest time seen.</param>
/// <param name="Phase">What it waits for.</param>
/// <param name="Deadline">Until when.</param>
/// <param name="Committed">First differing chunk of each stage whose leaves came; null for a stage without a difference.</param>
/// <param name="Chunk">The disputed chunk; null before <see cref="DisputePhase.Sizes"/>.</param>
/// <param name="Low">Both parties' states agree after so many steps.</param>
/// <param name="High">Their states differ after so many steps; all steps before that is known.</param>
/// <param name="Narrowing">Both parties' last states differ, so that steps are being narrowed down.</param>
/// <param name="Asked">Numbers of steps whose states are asked for.</param>
/// <param name="Challenger">What the challenger said.</param>
/// <param name="Defender">What the defender said.</param>
/// <param name="Evidence">Evidence supplied, the first first.</param>
/// <param name="Rejected">How many of <paramref name="Evidence"/> a referee found bad.</param>
/// <param name="Attempt">Number of the referee's task; rises with every task of the dispute.</param>
/// <param name="Refusals">Referees that could not judge the present question.</param>
/// <param name="Verdict">How it ended; null while it goes on.</param>
public sealed partial record DisputeGame(
    DisputeOpening Opening,
    DisputeRules Rules,
    long Version,
    DateTimeOffset Clock,
    DisputePhase Phase,
    DateTimeOffset Deadline,
    ImmutableDictionary<int, DisputedChunk?> Committed,
    DisputedChunk? Chunk,
    long Low,
    long High,
    bool Narrowing,
    ImmutableArray<long> Asked,
    PartyStatements Challenger,
    PartyStatements Defender,
    ImmutableArray<SuppliedEvidence> Evidence,
    int Rejected,
    int Attempt,
    int Refusals,
    DisputeVerdict? Verdict)
{
    /// <summary>Opens a dispute.</summary>
    /// <exception cref="ArgumentException">The challenge or the rules make no sense.</exception>
    public static DisputeGame Open(DisputeOpening opening, DisputeRules rules, DateTimeOffset now)
    {
        opening.Validate();
        rules.Validate();
        return new DisputeGame(
            opening, rules, 0, now, DisputePhase.Leaves, now + rules.AnswerTime, ImmutableDictionary<int, DisputedChunk?>.Empty, null,
            0, 0, false, [], PartyStatements.None, PartyStatements.None, [], 0, 0, 0, null);
    }

    /// <summary>There is a verdict.</summary>
    [JsonIgnore]
    public bool Over => Phase == DisputePhase.Over;

    /// <summary>The disputed step (0-based) once it is found; null before, and when the whole traces agree.</summary>
    [JsonIgnore]
    public long? Step => Narrowing && High - Low == 1 ? Low : null;

    /// <summary>The state that both parties agree on before the disputed step, or at the chunk's end when their traces agree.</summary>
    [JsonIgnore]
    public Digest Agreed => Low == 0 ? NoSteps : Defender.States[Low];

    /// <summary>The state after no steps: the RFC 6962 root of no leaves.</summary>
    public static Digest NoSteps { get; } = Digest.Of([]);

    private PartyStatements Of(Party party) => party == Party.Challenger ? Challenger : Defender;

    private DisputeGame Next(DateTimeOffset now) => this with { Version = Version + 1, Clock = Later(now) };

    private DisputeGame Enter(DisputePhase phase, TimeSpan time) => this with { Phase = phase, Deadline = Clock + time };

    private DisputeGame Said(Party party, PartyStatements statements) =>
        party == Party.Challenger ? this with { Challenger = statements } : this with { Defender = statements };

    private DateTimeOffset Later(DateTimeOffset now) => now > Clock ? now : Clock;

    private DisputeGame Lose(Party loser, DisputeGround ground, FaultKind? fault, bool rewarded, string reason) => End(new(
        loser == Party.Defender ? DisputeOutcome.Overturned : DisputeOutcome.Upheld,
        ground,
        loser == Party.Defender ? Chunk!.Defender : Opening.Challenger,
        fault,
        fault is null ? null : loser == Party.Defender ? ReceiptEvidence(Opening.Session, Chunk!.Stage) : $"accusation:{Opening.Dispute}",
        rewarded,
        Chunk?.Stage,
        Chunk?.Chunk,
        Step,
        reason));

    private DisputeGame Void(DisputeGround ground, string reason) => End(new(DisputeOutcome.Void, ground, null, null, null, false, Chunk?.Stage, Chunk?.Chunk, Step, reason));

    private DisputeGame End(DisputeVerdict verdict) => this with { Phase = DisputePhase.Over, Deadline = DateTimeOffset.MaxValue, Asked = [], Verdict = verdict };

    /// <summary>Id of all evidence against one receipt.</summary>
    public static string ReceiptEvidence(SessionId session, int stage) => $"receipt:{session}:{stage}";
}
