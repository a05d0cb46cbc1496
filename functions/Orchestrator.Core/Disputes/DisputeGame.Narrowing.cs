using Orchestrator.Contracts;
using Orchestrator.Core.Stake;

namespace Orchestrator.Core.Disputes;

public sealed partial record DisputeGame
{
    /// <summary>Takes a stage's output leaves, which the caller has checked against the receipt's root.</summary>
    /// <param name="stage">The stage.</param>
    /// <param name="leaves">One per chunk.</param>
    /// <param name="now">The time.</param>
    public (DisputeGame Game, MoveStatus Status) Commit(int stage, IReadOnlyList<Digest> leaves, DateTimeOffset now)
    {
        var game = Tick(now);
        if (game.Phase != DisputePhase.Leaves || Opening.Stages.FirstOrDefault(s => s.Stage == stage) is not { } challenged)
            return (game, MoveStatus.NotAsked);
        if (game.Committed.ContainsKey(stage))
            return (game, MoveStatus.Duplicate);
        if (leaves.Count != challenged.PassesThrough.Length)
            return (game, MoveStatus.Refused);
        if (Opening.Subject == DisputeSubject.Draws)
            return (game.Next(now).Repeat(challenged, leaves), MoveStatus.Taken);
        var difference = challenged.Claims.OrderBy(c => c.Chunk).FirstOrDefault(c => leaves[c.Chunk] != c.Output);
        game = game.Next(now) with
        {
            Committed = game.Committed.Add(stage, difference is null ? null
                : new(stage, challenged.Node, difference.Chunk, challenged.PassesThrough[difference.Chunk], leaves[difference.Chunk], difference.Output)),
        };
        return (game.Committed.Count == Opening.Stages.Length ? game.Locate() : game, MoveStatus.Taken);
    }

    /// <summary>Takes a party's signed <see cref="TraceStates"/>: its sizes, and the states it was asked for.</summary>
    public (DisputeGame Game, MoveStatus Status) Answer(Party party, TraceStates answer, DateTimeOffset now)
    {
        var game = Tick(now);
        if (game.Over || game.Chunk is not { } chunk || Opening.Subject == DisputeSubject.Draws)
            return (game, MoveStatus.NotAsked);
        if (answer.Dispute != Opening.Dispute || answer.Node != game.NodeOf(party) || answer.Steps.Count != answer.States.Count)
            return (game, MoveStatus.Refused);
        var before = game.Of(party);
        if (game.Contradicts(before, answer))
        {
            return (game.Next(now).Lose(party, DisputeGround.Contradiction, Contradicted(party), rewarded: party == Party.Defender,
                $"The {Name(party)} signed two different answers about its trace."), MoveStatus.Contradiction);
        }

        if (answer.StepsPerPass < 2 || (Int128)answer.StepsPerPass * chunk.Passes != answer.TotalSteps || answer.TotalSteps > DisputeChecks.MaxTraceSteps)
            return (game, MoveStatus.Refused);
        var after = before with { StepsPerPass = answer.StepsPerPass };
        if (game.Phase == DisputePhase.States)
        {
            foreach (long step in game.Asked)
            {
                int at = IndexOf(answer.Steps, step);
                if (at >= 0 && !after.States.ContainsKey(step))
                    after = after with { States = after.States.Add(step, answer.States[at]) };
            }
        }

        if (before.StepsPerPass == after.StepsPerPass && before.States.Count == after.States.Count)
            return (game, Knows(before, answer) ? MoveStatus.Duplicate : MoveStatus.NotAsked);
        return (game.Next(now).Said(party, after).Narrow(), MoveStatus.Taken);
    }

    /// <summary>Takes a party's opened leaf of the disputed step.</summary>
    /// <param name="party">Who.</param>
    /// <param name="step">The step, 0-based.</param>
    /// <param name="leaf">The leaf.</param>
    /// <param name="fits">Whether it makes the agreed state before into the party's own state after; the caller has checked the path.</param>
    /// <param name="now">The time.</param>
    public (DisputeGame Game, MoveStatus Status) Open(Party party, long step, Digest leaf, bool fits, DateTimeOffset now)
    {
        var game = Tick(now);
        if (game.Over || game.Step != step)
            return (game, MoveStatus.NotAsked);
        if (game.Of(party).Leaf == leaf)
            return (game, MoveStatus.Duplicate);
        if (!fits || game.Of(party).Leaf is not null)
        {
            return (game.Next(now).Lose(party, DisputeGround.Contradiction, Contradicted(party), rewarded: party == Party.Defender,
                $"The {Name(party)}'s leaf of step {step} contradicts the states it signed."), MoveStatus.Contradiction);
        }

        if (game.Phase != DisputePhase.Leaf)
            return (game, MoveStatus.NotAsked);
        game = game.Next(now).Said(party, game.Of(party) with { Leaf = leaf });
        return (game.Challenger.Leaf is not null && game.Defender.Leaf is not null ? game.Enter(DisputePhase.Evidence, Rules.AnswerTime) : game, MoveStatus.Taken);
    }

    private DisputeGame Repeat(ChallengedStage stage, IReadOnlyList<Digest> leaves)
    {
        var claim = stage.Claims[0];
        if (leaves[claim.Chunk] != claim.Output)
            return Lose(Party.Challenger, DisputeGround.NothingDisputed, null, false, $"Nothing was drawn from the logits that the challenger names: the receipt has others for chunk {claim.Chunk}.");
        var chunk = new DisputedChunk(stage.Stage, stage.Node, claim.Chunk, stage.PassesThrough[claim.Chunk], claim.Output, claim.Output);
        return (this with { Chunk = chunk, Committed = Committed.Add(stage.Stage, chunk) }).Enter(DisputePhase.Evidence, Rules.AnswerTime);
    }

    private DisputeGame Locate()
    {
        var found = Opening.Stages.Select(s => Committed[s.Stage]).FirstOrDefault(c => c is not null);
        return found is null
            ? Lose(Party.Challenger, DisputeGround.NothingDisputed, null, false, "The challenger claims what the receipts say.")
            : (this with { Chunk = found }).Enter(DisputePhase.Sizes, Rules.AnswerTime);
    }

    /// <summary>Goes on once both parties have answered.</summary>
    private DisputeGame Narrow() => Phase switch
    {
        DisputePhase.Sizes when Challenger.StepsPerPass is { } a && Defender.StepsPerPass is { } b =>
            a == b ? Ask(this with { High = (long)b * Chunk!.Passes }, [(long)b * Chunk.Passes]) : Enter(DisputePhase.Count, Rules.RefereeTime),
        DisputePhase.States when Asked.All(s => Challenger.States.ContainsKey(s) && Defender.States.ContainsKey(s)) => Cut(),
        _ => this,
    };

    private DisputeGame Cut()
    {
        var game = this;
        foreach (long step in Asked)
        {
            if (Challenger.States[step] != Defender.States[step])
            {
                game = game with { High = step, Narrowing = true };
                break;
            }

            game = game with { Low = step };
        }

        if (!game.Narrowing)
            return game.Enter(DisputePhase.Evidence, Rules.AnswerTime) with { Asked = [] };
        long gap = game.High - game.Low;
        if (gap == 1)
            return game.Enter(DisputePhase.Leaf, Rules.AnswerTime) with { Asked = [] };
        long points = Math.Min(Rules.StatesPerRound, gap - 1);
        return Ask(game, [.. Enumerable.Range(1, (int)points).Select(i => game.Low + (long)((Int128)gap * i / (points + 1)))]);
    }

    private static DisputeGame Ask(DisputeGame game, System.Collections.Immutable.ImmutableArray<long> steps) =>
        game.Enter(DisputePhase.States, game.Rules.AnswerTime) with { Asked = steps };

    private bool Contradicts(PartyStatements before, TraceStates answer)
    {
        if (before.StepsPerPass is { } said && (said != answer.StepsPerPass || (Int128)said * Chunk!.Passes != answer.TotalSteps))
            return true;
        for (int i = 0; i < answer.Steps.Count; i++)
        {
            if (before.States.TryGetValue(answer.Steps[i], out var state) && state != answer.States[i])
                return true;
        }

        return false;
    }

    private static bool Knows(PartyStatements before, TraceStates answer) =>
        before.StepsPerPass == answer.StepsPerPass && answer.Steps.All(before.States.ContainsKey);

    private NodeId NodeOf(Party party) => party == Party.Challenger ? Opening.Challenger : Chunk!.Defender;

    private static FaultKind Contradicted(Party party) => party == Party.Defender ? FaultKind.Contradiction : FaultKind.FalseAccusation;

    private static string Name(Party party) => party == Party.Challenger ? "challenger" : "defender";

    private static int IndexOf(IReadOnlyList<long> steps, long step)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            if (steps[i] == step)
                return i;
        }

        return -1;
    }
}
