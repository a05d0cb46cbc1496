using Orchestrator.Contracts;
using Orchestrator.Core.Stake;

namespace Orchestrator.Core.Disputes;

public sealed partial record DisputeGame
{
    /// <summary>
    /// Takes evidence from either party: what the disputed step reads or what the chunk put out. Both agree on it, so one is enough; the other's is used if it turns
    /// out to be bad. For a step in which tensors are received the platform has it already: pass the input file as the defender's.
    /// </summary>
    public (DisputeGame Game, MoveStatus Status) Supply(Party party, Digest blob, DateTimeOffset now)
    {
        var game = Tick(now);
        if (game.Phase is not (DisputePhase.Evidence or DisputePhase.Referee))
            return (game, MoveStatus.NotAsked);
        if (game.Evidence.Any(e => e.Party == party))
            return (game, MoveStatus.Duplicate);
        game = game.Next(now) with { Evidence = game.Evidence.Add(new(party, blob)) };
        return (game.Phase == DisputePhase.Evidence ? game.Enter(DisputePhase.Referee, Rules.RefereeTime) : game, MoveStatus.Taken);
    }

    /// <summary>Takes a referee's verdict on the present task; verdicts on earlier attempts change nothing.</summary>
    /// <param name="attempt"><see cref="RefereeVerdict.Attempt"/>.</param>
    /// <param name="question"><see cref="RefereeVerdict.Question"/>.</param>
    /// <param name="outcome">What it says.</param>
    /// <param name="stepsPerPass">Steps of a pass, for <see cref="RefereeOutcome.Counted"/>.</param>
    /// <param name="reason">For people.</param>
    /// <param name="now">The time.</param>
    public (DisputeGame Game, MoveStatus Status) Judge(int attempt, RefereeQuestion question, RefereeOutcome outcome, int stepsPerPass, string reason, DateTimeOffset now)
    {
        var game = Tick(now);
        if (game.AskedOfReferee is not { } asked || attempt != game.Attempt || question != asked)
            return (game, MoveStatus.NotAsked);
        if (outcome == RefereeOutcome.Counted != (asked == RefereeQuestion.Operators) && outcome != RefereeOutcome.CannotJudge)
            return (game, MoveStatus.Refused);
        game = game.Next(now);
        return (outcome switch
        {
            RefereeOutcome.Counted => game.Counted(stepsPerPass, reason),
            RefereeOutcome.Defender => game.Lose(Party.Challenger, DisputeGround.Judged, FaultKind.FalseAccusation, false, reason),
            RefereeOutcome.Challenger => game.Lose(Party.Defender, DisputeGround.Judged, FaultKind.WrongResult, true, reason),
            RefereeOutcome.Neither => game.Lose(Party.Defender, DisputeGround.Judged, FaultKind.WrongResult, false, reason),
            RefereeOutcome.BadEvidence => game.Reject(),
            _ => game.AskAnother(reason),
        }, MoveStatus.Taken);
    }

    /// <summary>What a referee is asked now; null when none is.</summary>
    [System.Text.Json.Serialization.JsonIgnore]
    public RefereeQuestion? AskedOfReferee => Phase switch
    {
        DisputePhase.Count => RefereeQuestion.Operators,
        DisputePhase.Referee when Opening.Subject == DisputeSubject.Draws => RefereeQuestion.Draws,
        DisputePhase.Referee => Narrowing ? RefereeQuestion.Step : RefereeQuestion.Chunk,
        _ => null,
    };

    /// <summary>A size is no result: whoever signed a false one contradicts the model.</summary>
    private DisputeGame Counted(int stepsPerPass, string reason)
    {
        bool challenger = Challenger.StepsPerPass == stepsPerPass, defender = Defender.StepsPerPass == stepsPerPass;
        return defender
            ? Lose(Party.Challenger, DisputeGround.Judged, FaultKind.FalseAccusation, false, reason)
            : Lose(Party.Defender, DisputeGround.Judged, FaultKind.Contradiction, challenger, reason);
    }

    private DisputeGame Reject()
    {
        var game = this with { Rejected = Rejected + 1, Attempt = Attempt + 1, Refusals = 0 };
        return game.Rejected < game.Evidence.Length ? game.Enter(DisputePhase.Referee, Rules.RefereeTime)
            : game.Rejected < 2 ? game.Enter(DisputePhase.Evidence, Rules.AnswerTime)
            : game.Void(DisputeGround.NoReferee, "Neither side supplied evidence that fits what both agreed on.");
    }

    private DisputeGame AskAnother(string reason)
    {
        var game = this with { Attempt = Attempt + 1, Refusals = Refusals + 1 };
        return game.Refusals < Rules.RefereeAttempts
            ? game.Enter(Phase, Rules.RefereeTime)
            : game.Void(DisputeGround.NoReferee, $"No referee could judge: {reason}");
    }
}
