using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Core.Availability;
using Orchestrator.Core.Disputes;

namespace Orchestrator.Simulation.World;

/// <summary>
/// Plays a dispute by the real rules. The computation is a chain of steps, each of which follows from the state before it; a liar's goes wrong at a step of its own and
/// stays wrong. The referee runs one step.
/// </summary>
public static class Court
{
    private const int Steps = 16;
    private const int PerPass = 8;

    /// <summary>Plays one out.</summary>
    /// <param name="job">The job.</param>
    /// <param name="stage">The challenged stage.</param>
    /// <param name="challenger">Node that challenges.</param>
    /// <param name="defenderLies">The receipt is wrong.</param>
    /// <param name="challengerLies">The claim is wrong.</param>
    /// <param name="defenderSilent">The defender withholds its evidence.</param>
    /// <param name="now">When the dispute is opened.</param>
    public static DisputeVerdict Play(Job job, int stage, NodeId challenger, bool defenderLies, bool challengerLies, bool defenderSilent, DateTimeOffset now)
    {
        var session = SessionId.Derive(job.Id, 0, 0);
        var (accused, claimed) = (Trace(defenderLies ? 5 : null, "defender"), Trace(challengerLies ? 9 : null, "challenger"));
        var dispute = DisputeId.Derive(session, stage, 0, challenger);
        var game = DisputeGame.Open(
            new(dispute, session, 0, challenger, [new(stage, job.Nodes[stage].Id, [Steps / PerPass], [new(0, claimed[Steps])])]), Scenario.Disputes, now);
        if (defenderSilent)
            return game.Miss(IsWithheld(now), now).Verdict!;
        game = game.Commit(stage, [accused[Steps]], now).Game;
        while (!game.Over)
        {
            var (phase, step) = (game.Phase, game.Step);
            switch (phase)
            {
                case DisputePhase.Sizes or DisputePhase.States:
                    var asked = game.Asked;
                    game = game.Answer(Party.Challenger, States(challenger, claimed, asked), now).Game;
                    game = game.Answer(Party.Defender, States(job.Nodes[stage].Id, accused, asked), now).Game;
                    break;
                case DisputePhase.Leaf:
                    game = game.Open(Party.Challenger, step!.Value, claimed[step.Value + 1], fits: true, now).Game;
                    game = game.Open(Party.Defender, step.Value, accused[step.Value + 1], fits: true, now).Game;
                    break;
                case DisputePhase.Evidence:
                    game = game.Supply(Party.Defender, accused[0], now).Game;
                    break;
                case DisputePhase.Referee:
                    var right = Next(game.Agreed, step!.Value, null);
                    var outcome = right == accused[step.Value + 1] ? RefereeOutcome.Defender : right == claimed[step.Value + 1] ? RefereeOutcome.Challenger : RefereeOutcome.Neither;
                    game = game.Judge(game.Attempt, RefereeQuestion.Step, outcome, 0, "It ran the step.", now).Game;
                    break;
                default:
                    throw new InvalidOperationException($"The dispute is stuck in {phase}.");
            }
        }

        return game.Verdict!;

        TraceStates States(NodeId node, Digest[] trace, IReadOnlyList<long> asked) => new(
            TraceStates.CurrentSchema, node, dispute, Class, PerPass, Steps, asked, [.. asked.Select(s => trace[s])], now);
    }

    /// <summary>Nobody serves anything to anybody, and enough witnesses say so: those who would cover for the node are fewer than the quorum.</summary>
    private static bool IsWithheld(DateTimeOffset now)
    {
        var rules = AvailabilityRules.Default;
        var demand = AvailabilityDemand.Open("defender", rules, now, now + rules.Longest(TimeSpan.Zero));
        var quorum = Enumerable.Range(0, rules.Quorum).Select(i => new WitnessStatement(default, $"witness {i}", Sighting.Refused)).ToList();
        for (int round = 1; demand.Outcome is null; round++)
            demand = demand.Round(quorum, new NodeHearing(Heard: true, DoorProven: true)).Close(now + rules.Interval * round);
        return demand.Outcome == DemandOutcome.Withheld;
    }

    private static ExecutionClass Class { get; } = new("simulated/1", "cpu", "disabled", "fma");

    private static Digest[] Trace(int? liesAt, string liar)
    {
        var states = new Digest[Steps + 1];
        states[0] = DisputeGame.NoSteps;
        for (int step = 0; step < Steps; step++)
            states[step + 1] = Next(states[step], step, step == liesAt ? liar : null);
        return states;
    }

    private static Digest Next(Digest before, long step, string? liar) => Digest.Of(Encoding.UTF8.GetBytes($"{before}|{step}|{liar}"));
}
