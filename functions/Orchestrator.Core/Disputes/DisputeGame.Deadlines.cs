using System.Collections.Immutable;
using System.Text.Json.Serialization;
using Orchestrator.Core.Stake;

namespace Orchestrator.Core.Disputes;

public sealed partial record DisputeGame
{
    /// <summary>Lets time pass: ends the phase when its deadline has come. Every move does this first.</summary>
    public DisputeGame Tick(DateTimeOffset now) => Over || Later(now) < Deadline ? this : Next(now).Expire();

    /// <summary>Challenged stages whose leaves have not come.</summary>
    [JsonIgnore]
    public IEnumerable<ChallengedStage> MissingLeaves => Phase == DisputePhase.Leaves ? Opening.Stages.Where(s => !Committed.ContainsKey(s.Stage)) : [];

    /// <summary>Whose answer is missing in the present phase. In <see cref="DisputePhase.Evidence"/> either one's is enough.</summary>
    [JsonIgnore]
    public ImmutableArray<Party> Awaited => Phase switch
    {
        DisputePhase.Leaves => [Party.Defender],
        DisputePhase.Sizes => Missing(s => s.StepsPerPass is null),
        DisputePhase.States => Missing(s => Asked.Any(step => !s.States.ContainsKey(step))),
        DisputePhase.Leaf => Missing(s => s.Leaf is null),
        DisputePhase.Evidence => [.. new[] { Party.Defender, Party.Challenger }.Where(p => Evidence.All(e => e.Party != p))],
        _ => [],
    };

    /// <summary>The evidence that the referee works with: the first that was not found bad.</summary>
    [JsonIgnore]
    public SuppliedEvidence? EvidenceAtHand => Rejected < Evidence.Length ? Evidence[Rejected] : null;

    private DisputeGame Expire() => Phase switch
    {
        DisputePhase.Leaves => WithheldLeaves(proven: false),
        DisputePhase.Count or DisputePhase.Referee => AskAnother("it did not answer in time."),
        DisputePhase.Evidence => Void(DisputeGround.BothSilent, "Neither side supplied evidence in time."),
        _ => Awaited is [var silent]
            ? Lose(silent, DisputeGround.Silence, silent == Party.Defender ? FaultKind.Withholding : null, rewarded: silent == Party.Defender,
                $"The {Name(silent)} did not answer in time about {Phase}; the other side did.")
            : Void(DisputeGround.BothSilent, "Neither side answered in time."),
    };

    /// <summary>
    /// Leaves, or the inputs that a challenger needs, will not come any more. Nobody else has been asked for anything yet, so silence proves nothing here: only a demand does that was open to everybody and seen by
    /// witnesses (<see cref="Availability.AvailabilityDemand"/>).
    /// </summary>
    /// <param name="proven">Such a demand has proven that they are withheld.</param>
    /// <param name="now">The time.</param>
    public DisputeGame Miss(bool proven, DateTimeOffset now)
    {
        var game = Tick(now);
        return game.Phase == DisputePhase.Leaves ? game.Next(now).WithheldLeaves(proven) : game;
    }

    /// <summary>A found difference goes on, whatever other stages withhold; otherwise the first stage that is proven to withhold loses.</summary>
    private DisputeGame WithheldLeaves(bool proven)
    {
        if (Opening.Stages.Select(s => Committed.GetValueOrDefault(s.Stage)).FirstOrDefault(c => c is not null) is { } found)
            return (this with { Chunk = found }).Enter(DisputePhase.Sizes, Rules.AnswerTime);
        if (!proven)
            return Void(DisputeGround.BothSilent, "The evidence was not served in time, and nobody proved that it is withheld.");
        var withholding = MissingLeaves.First();
        return End(new(
            DisputeOutcome.Overturned, DisputeGround.Silence, withholding.Node, FaultKind.Withholding, ReceiptEvidence(Opening.Session, withholding.Stage),
            ChallengerRewarded: true, withholding.Stage, null, null, $"Stage {withholding.Stage} did not serve the evidence of its receipt in time."));
    }

    private ImmutableArray<Party> Missing(Func<PartyStatements, bool> lacks) =>
        [.. new[] { Party.Challenger, Party.Defender }.Where(p => lacks(Of(p)))];
}
