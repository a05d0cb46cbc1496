using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Stake;

namespace Orchestrator.Core.Tests.Disputes;

/// <summary>
/// Plays disputes between parties of every manner over a network that reorders, delays and duplicates. What an honest party has to say arrives in time; what others say, when
/// it likes. The referee is honest, and sometimes away.
/// </summary>
public sealed class DisputeGameProperties
{
    private static readonly DisputeRules Rules = new(TimeSpan.FromMinutes(10), TimeSpan.FromMinutes(10), 3, 3);

    [Fact]
    public void Every_dispute_ends_and_the_honest_side_never_loses() => Gen.Select(
        Gen.Enum<Manner>(), Gen.Enum<Manner>(), Gen.Int[1, 12], Gen.Int[2, 9], Gen.Int).Sample((challenger, defender, passes, perPass, seed) =>
    {
        var match = new Match(challenger, defender, passes, perPass, seed, Rules);
        var verdict = match.Play();
        string story = $"{challenger} against {defender}, {passes} x {perPass} steps, seed {seed}: {verdict}";

        (match.Game.Clock - Given.Now).ShouldBeLessThanOrEqualTo(Rules.Longest, story);
        match.Game.Version.ShouldBeLessThan(40 + 2 * Rules.MostRounds(passes * perPass), story);
        if (match.Defender.Honest)
            verdict.Outcome.ShouldNotBe(DisputeOutcome.Overturned, story);
        if (match.Challenger.Honest && match.DefenderLied)
            verdict.Outcome.ShouldBe(DisputeOutcome.Overturned, story);
        if (match.Challenger.Honest)
            verdict.Fault.ShouldNotBe(FaultKind.FalseAccusation, story);
        if (verdict.Outcome == DisputeOutcome.Overturned && verdict.Fault == FaultKind.WrongResult)
            match.DefenderLied.ShouldBeTrue(story);

        // Nothing that arrives after the verdict changes it.
        var game = match.Game;
        match.DeliverAll(again: true);
        match.Game.Verdict.ShouldBe(game.Verdict);
    }, iter: 5_000);

    [Fact]
    public void A_receipt_is_slashed_once_however_many_disputes_prove_it_wrong() => Gen.Int.Array[4].Sample(seeds =>
    {
        var stake = StakeBook.Open(Given.NodeOf("defender"), "host").Apply(new Bond("b", "host", 1_000, Given.Now), Given.Now).Book;
        int applied = 0;
        foreach (int seed in seeds)
        {
            var manner = new[] { Manner.Consistent, Manner.Silent, Manner.Inventive, Manner.Swapping, Manner.Turncoat }[(uint)seed % 5];
            var match = new Match(Manner.Honest, manner, 3, 4, seed, Rules, lying: true);
            var verdict = match.Play();
            verdict.Loser.ShouldBe(stake.Node);
            for (int delivery = 0; delivery < 2; delivery++)
            {
                (stake, var result) = stake.Apply(
                    new Slash(verdict.EvidenceId!, verdict.Fault!.Value, Given.Now, "challenger", verdict.Reason), StakeRules.Default, match.Game.Clock);
                applied += result.Status == StakeStatus.Applied ? 1 : 0;
                stake.CheckConserved();
            }
        }

        applied.ShouldBe(1);
    }, iter: 200);

    /// <summary>The properties above mean something: every way to end is among the games they play.</summary>
    [Fact]
    public void Disputes_end_in_every_way_there_is()
    {
        var manners = Enum.GetValues<Manner>();
        var verdicts = Enumerable.Range(0, 4000)
            .Select(seed => new Match(manners[seed % manners.Length], manners[seed / manners.Length % manners.Length], 1 + seed % 12, 2 + seed % 7, seed, Rules).Play()).ToList();

        verdicts.Select(v => v.Ground).Distinct().Order().ShouldBe(Enum.GetValues<DisputeGround>().Order());
        verdicts.Select(v => v.Fault).Distinct().Order().ShouldBe([null, FaultKind.WrongResult, FaultKind.Contradiction, FaultKind.Withholding, FaultKind.FalseAccusation]);
        verdicts.ShouldContain(v => v.Ground == DisputeGround.Judged && v.Step == null);
        verdicts.ShouldContain(v => v.Ground == DisputeGround.Judged && v.Step > 0);
    }

    [Fact]
    public void Rounds_grow_with_the_logarithm()
    {
        DisputeRules.Default.MostRounds(1L << 26).ShouldBe(7);
        (DisputeRules.Default with { StatesPerRound = 1 }).MostRounds(1L << 26).ShouldBe(26);
        var match = new Match(Manner.Honest, Manner.Consistent, 256, 64, 1, Rules with { StatesPerRound = 1 });
        var verdict = match.Play();
        verdict.Step.ShouldNotBeNull(verdict.ToString());
        match.Rounds.ShouldBeLessThanOrEqualTo(14 + 1);
    }

    /// <summary>One dispute, played to its end.</summary>
    private sealed class Match
    {
        private readonly Random random;
        private readonly Dictionary<string, Action<DateTimeOffset>> posted = [];
        private readonly List<Action<DateTimeOffset>> sent = [];
        private DateTimeOffset now = Given.Now;

        public Match(Manner challenger, Manner defender, int passes, int perPass, int seed, DisputeRules rules, bool lying = false)
        {
            random = new Random(seed);
            long steps = (long)passes * perPass;
            Truth = Trace.Honest(steps);
            Challenger = Make(Party.Challenger, challenger);
            Defender = Make(Party.Defender, defender);
            var passesThrough = Enumerable.Range(1, passes).Where(p => p == passes || p % 5 == 0).ToArray();
            var opening = new DisputeOpening(
                Id(seed), SessionId.Derive(Given.JobOf(1), 0, 0), 0, Challenger.Node,
                [new ChallengedStage(2, Defender.Node, [.. passesThrough], [new ChunkClaim(passesThrough.Length - 1, Challenger.Chunk)])]);
            Game = DisputeGame.Open(opening, rules, now);
            Leaves = [.. passesThrough.Select((p, i) => i == passesThrough.Length - 1 ? Defender.Chunk : Given.DigestOf($"chunk {i}"))];

            Player Make(Party party, Manner manner)
            {
                bool wrong = manner == Manner.Consistent || manner is not (Manner.Honest or Manner.Turncoat) && (lying || random.Next(2) == 0);
                long from = random.NextInt64(steps);
                var lies = !wrong ? [] : Enumerable.Range(0, (int)steps).Select(s => (long)s).Where(s => s == from || s > from && random.Next(3) == 0).ToHashSet();
                return new(party, Given.NodeOf(party == Party.Challenger ? "challenger" : "defender"), manner, new Trace(steps, lies, party.ToString()), passes, random.Next(6), random);
            }
        }

        public Trace Truth { get; }

        public Player Challenger { get; }

        public Player Defender { get; }

        public DisputeGame Game { get; private set; }

        public int Rounds { get; private set; }

        /// <summary>What it committed to is wrong.</summary>
        public bool DefenderLied => Defender.Chunk != Truth.Chunk;

        private Digest[] Leaves { get; }

        public DisputeVerdict Play()
        {
            for (int turn = 0; !Game.Over; turn++)
            {
                turn.ShouldBeLessThan(200, "the dispute does not end");
                var (phase, asked, attempt, supplied) = (Game.Phase, Game.Asked, Game.Attempt, Game.Evidence.Length);
                Rounds += phase == DisputePhase.States ? 1 : 0;
                Post();
                // Everything honest is posted, so it arrives before the deadline: in any order, some of it twice, mixed with old messages.
                DeliverAll(again: false);
                if (!Game.Over && Game.Phase == phase && Game.Asked == asked && (Game.Attempt, Game.Evidence.Length) == (attempt, supplied))
                {
                    now = Game.Deadline;
                    Game = Game.Tick(now);
                }
            }

            return Game.Verdict!;
        }

        public void DeliverAll(bool again)
        {
            var batch = posted.Values.Concat(sent.Where(_ => again || random.Next(4) == 0)).ToArray();
            sent.AddRange(posted.Values);
            posted.Clear();
            random.Shuffle(batch);
            foreach (var message in batch)
            {
                now = now.AddSeconds(random.Next(3));
                message(now);
                if (random.Next(3) == 0)
                    message(now);
            }
        }

        private void Post()
        {
            var game = Game;
            if (game.Phase == DisputePhase.Leaves)
            {
                // Who serves no leaves is proven to withhold them by a public demand.
                if (Defender.Answers())
                    posted["leaves"] = at => Game = Game.Commit(2, Leaves, at).Game;
                else
                    posted["miss"] = at => Game = Game.Miss(proven: true, at);
            }

            foreach (var player in new[] { Challenger, Defender })
            {
                if (!game.Awaited.Contains(player.Party) || game.Phase == DisputePhase.Leaves || !player.Answers())
                    continue;
                switch (game.Phase)
                {
                    case DisputePhase.Sizes or DisputePhase.States:
                        var states = player.States(game);
                        posted[$"states {player.Party}"] = at => Game = Game.Answer(player.Party, states, at).Game;
                        if (player.Manner == Manner.Fickle)
                        {
                            var others = player.States(game);
                            posted[$"others {player.Party}"] = at => Game = Game.Answer(player.Party, others, at).Game;
                        }

                        break;
                    case DisputePhase.Leaf:
                        var (leaf, fits) = player.Leaf(game);
                        posted[$"leaf {player.Party}"] = at => Game = Game.Open(player.Party, game.Step!.Value, leaf, fits, at).Game;
                        break;
                    case DisputePhase.Evidence:
                        posted[$"evidence {player.Party}"] = at => Game = Game.Supply(player.Party, player.Evidence, at).Game;
                        break;
                }
            }

            if (game.AskedOfReferee is { } question && (game.Refusals == Rules.RefereeAttempts - 1 || random.Next(3) > 0))
            {
                var outcome = Referee(game, question);
                posted["referee"] = at => Game = Game.Judge(game.Attempt, question, outcome, (int)(Truth.Steps / game.Chunk!.Passes), "it says so", at).Game;
            }
        }

        private RefereeOutcome Referee(DisputeGame game, RefereeQuestion question)
        {
            if (question == RefereeQuestion.Operators)
                return RefereeOutcome.Counted;
            if (game.EvidenceAtHand!.Blob != Given.DigestOf("evidence"))
                return RefereeOutcome.BadEvidence;
            var (right, defender, challenger) = question == RefereeQuestion.Step
                ? (Trace.Right(game.Step!.Value, game.Agreed), game.Defender.Leaf!.Value, game.Challenger.Leaf!.Value)
                : (Trace.ChunkOf(game.Agreed), game.Chunk!.Committed, game.Chunk.Claimed);
            return right == defender ? RefereeOutcome.Defender : right == challenger ? RefereeOutcome.Challenger : RefereeOutcome.Neither;
        }

        private static DisputeId Id(int seed) => DisputeId.Derive(SessionId.Derive(Given.JobOf(1), 0, seed & 7), 2, 0, Given.NodeOf("challenger"));
    }
}
