using Orchestrator.Contracts;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Stake;

namespace Orchestrator.Core.Tests.Disputes;

public sealed class DisputeGameTests
{
    private static readonly DisputeRules Rules = DisputeRules.Default;

    private static readonly SessionId Session = SessionId.Derive(Given.JobOf(1), 0, 0);

    private static readonly NodeId Challenger = Given.NodeOf("challenger");

    [Fact]
    public void The_first_differing_stage_and_chunk_are_found_from_the_leaves()
    {
        var game = Open();

        game = game.Commit(1, [D("a"), D("b")], Given.Now).Game;
        game.Commit(1, [D("a"), D("b")], Given.Now).Status.ShouldBe(MoveStatus.Duplicate);
        game.Commit(3, [D("c")], Given.Now).Status.ShouldBe(MoveStatus.Refused);
        game = game.Commit(3, [D("c"), D("other")], Given.Now).Game;

        game.Phase.ShouldBe(DisputePhase.Sizes);
        game.Chunk.ShouldBe(new DisputedChunk(3, Given.NodeOf("three"), 1, 7, D("other"), D("d")));
        game.Awaited.ShouldBe([Party.Challenger, Party.Defender]);
    }

    [Fact]
    public void A_challenger_that_claims_what_the_receipts_say_loses_its_bond_and_no_stake()
    {
        var verdict = Open().Commit(1, [D("a"), D("b")], Given.Now).Game.Commit(3, [D("c"), D("d")], Given.Now).Game.Verdict!;

        verdict.ShouldSatisfyAllConditions(
            v => v.Outcome.ShouldBe(DisputeOutcome.Upheld), v => v.Ground.ShouldBe(DisputeGround.NothingDisputed), v => v.Loser.ShouldBe(Challenger),
            v => v.Fault.ShouldBeNull(), v => v.BondForfeited.ShouldBeTrue());
    }

    [Fact]
    public void Who_is_proven_to_withhold_leaves_loses()
    {
        var game = Open().Commit(1, [D("a"), D("b")], Given.Now).Game;

        game.Miss(proven: true, Given.Now).Verdict!.ShouldSatisfyAllConditions(
            v => v.Loser.ShouldBe(Given.NodeOf("three")), v => v.Fault.ShouldBe(FaultKind.Withholding), v => v.EvidenceId.ShouldBe(DisputeGame.ReceiptEvidence(Session, 3)));
    }

    [Fact]
    public void Leaves_that_nobody_proves_withheld_cost_nothing()
    {
        var game = Open().Commit(1, [D("a"), D("b")], Given.Now).Game;

        game.Tick(Given.Now + Rules.AnswerTime - TimeSpan.FromTicks(1)).ShouldBeSameAs(game);
        foreach (var over in new[] { game.Tick(Given.Now + Rules.AnswerTime), game.Miss(proven: false, Given.Now) })
        {
            over.Verdict!.ShouldSatisfyAllConditions(
                v => v.Outcome.ShouldBe(DisputeOutcome.Void), v => v.Loser.ShouldBeNull(), v => v.Fault.ShouldBeNull(), v => v.BondForfeited.ShouldBeFalse());
        }
    }

    [Fact]
    public void When_both_are_silent_nobody_loses()
    {
        var game = Located();

        game.Tick(Given.Now + Rules.AnswerTime).Verdict!.ShouldSatisfyAllConditions(
            v => v.Outcome.ShouldBe(DisputeOutcome.Void), v => v.Loser.ShouldBeNull(), v => v.Fault.ShouldBeNull(), v => v.BondForfeited.ShouldBeFalse());
    }

    [Fact]
    public void A_second_answer_that_differs_loses_whenever_it_comes()
    {
        var game = Answered(Located(), Party.Defender, 5);
        Answered(game, Party.Defender, 5).ShouldBeSameAs(game);

        var (over, status) = game.Answer(Party.Defender, States(Party.Defender, 6, []), Given.Now);

        status.ShouldBe(MoveStatus.Contradiction);
        over.Verdict!.Fault.ShouldBe(FaultKind.Contradiction);
    }

    [Fact]
    public void A_trace_of_another_length_than_the_chunk_is_no_answer() =>
        Located().Answer(Party.Defender, States(Party.Defender, 5, []) with { TotalSteps = 36 }, Given.Now).Status.ShouldBe(MoveStatus.Refused);

    [Fact]
    public void An_answer_of_another_node_or_dispute_is_refused()
    {
        Located().Answer(Party.Defender, States(Party.Challenger, 5, []), Given.Now).Status.ShouldBe(MoveStatus.Refused);
        Located().Answer(Party.Defender, States(Party.Defender, 5, []) with { Dispute = default }, Given.Now).Status.ShouldBe(MoveStatus.Refused);
    }

    [Fact]
    public void Referees_that_cannot_judge_are_replaced_and_then_nobody_loses()
    {
        var game = Answered(Answered(Located(), Party.Defender, 5), Party.Challenger, 6);
        game.AskedOfReferee.ShouldBe(RefereeQuestion.Operators);
        for (int attempt = 0; attempt < Rules.RefereeAttempts; attempt++)
        {
            game.Attempt.ShouldBe(attempt);
            game = game.Judge(attempt, RefereeQuestion.Operators, RefereeOutcome.CannotJudge, 0, "no shard", Given.Now).Game;
            game.Judge(attempt, RefereeQuestion.Operators, RefereeOutcome.Counted, 5, "late", Given.Now).Status.ShouldBe(MoveStatus.NotAsked);
        }

        game.Verdict!.Ground.ShouldBe(DisputeGround.NoReferee);
        game.Verdict.Loser.ShouldBeNull();
    }

    [Fact]
    public void Draws_go_to_the_referee_on_evidence_of_either_side()
    {
        var game = OpenDraws().Commit(3, [D("c"), D("d")], Given.Now).Game;
        game.Phase.ShouldBe(DisputePhase.Evidence);
        game.Awaited.ShouldBe([Party.Defender, Party.Challenger]);
        game = game.Supply(Party.Challenger, D("evidence"), Given.Now).Game;

        game.AskedOfReferee.ShouldBe(RefereeQuestion.Draws);
        game = game.Judge(0, RefereeQuestion.Draws, RefereeOutcome.BadEvidence, 0, "", Given.Now).Game;
        game.Phase.ShouldBe(DisputePhase.Evidence);
        game.Awaited.ShouldBe([Party.Defender]);
        game = game.Supply(Party.Defender, D("more"), Given.Now).Game;
        game.Judge(1, RefereeQuestion.Draws, RefereeOutcome.Challenger, 0, "position 7", Given.Now).Game.Verdict!.Fault.ShouldBe(FaultKind.WrongResult);
    }

    [Fact]
    public void Whoever_disputes_draws_from_logits_that_the_receipt_does_not_have_loses_the_bond_alone()
    {
        var verdict = OpenDraws().Commit(3, [D("c"), D("other")], Given.Now).Game.Verdict!;

        verdict.ShouldSatisfyAllConditions(
            v => v.Outcome.ShouldBe(DisputeOutcome.Upheld), v => v.Ground.ShouldBe(DisputeGround.NothingDisputed), v => v.Fault.ShouldBeNull(), v => v.BondForfeited.ShouldBeTrue());
    }

    [Theory, InlineData(true), InlineData(false)]
    public void Draws_whose_leaves_do_not_come_are_overturned_where_withholding_is_proven(bool proven) =>
        OpenDraws().Miss(proven, Given.Now).Verdict!.Outcome.ShouldBe(proven ? DisputeOutcome.Overturned : DisputeOutcome.Void);

    [Fact]
    public void Challenges_that_make_no_sense_are_refused()
    {
        var stage = new ChallengedStage(3, Given.NodeOf("three"), [4, 7], [new(1, D("d"))]);
        void Refused(string why, params ChallengedStage[] stages) =>
            Should.Throw<ArgumentException>(() => new DisputeOpening(Dispute, Session, 0, Challenger, [.. stages]).Validate()).Message.ShouldContain(why);

        Refused("1 to");
        Refused("rise", stage, stage);
        Refused("itself", stage with { Node = Challenger });
        Refused("passes", stage with { PassesThrough = [4, 4] });
        Refused("claim", stage with { Claims = [new(2, D("d"))] });
        Refused("claim", stage with { Claims = [] });
        Should.Throw<ArgumentException>(() => new DisputeOpening(Dispute, Session, 0, Challenger, [stage with { Claims = [new(0, D("c")), new(1, D("d"))] }], DisputeSubject.Draws).Validate())
            .Message.ShouldContain("one chunk");
    }

    private static DisputeGame OpenDraws() => DisputeGame.Open(
        new DisputeOpening(Dispute, Session, 0, Challenger, [new(3, Given.NodeOf("three"), [4, 7], [new(1, D("d"))])], DisputeSubject.Draws), Rules, Given.Now);

    private static DisputeId Dispute => DisputeId.Derive(Session, 1, 0, Challenger);

    private static Digest D(string text) => Given.DigestOf(text);

    private static DisputeGame Open() => DisputeGame.Open(
        new(Dispute, Session, 0, Challenger,
        [
            new(1, Given.NodeOf("one"), [4, 7], [new(0, D("a")), new(1, D("b"))]),
            new(3, Given.NodeOf("three"), [4, 7], [new(1, D("d"))]),
        ]), Rules, Given.Now);

    private static DisputeGame Located() => Open().Commit(1, [D("a"), D("b")], Given.Now).Game.Commit(3, [D("c"), D("other")], Given.Now).Game;

    private static DisputeGame Answered(DisputeGame game, Party party, int perPass) => game.Answer(party, States(party, perPass, []), Given.Now).Game;

    private static TraceStates States(Party party, int perPass, IReadOnlyList<long> steps) => new(
        TraceStates.CurrentSchema, party == Party.Challenger ? Challenger : Given.NodeOf("three"), Dispute, Given.Class, perPass, perPass * 7, steps, [.. steps.Select(s => D($"{s}"))], Given.Now);
}
