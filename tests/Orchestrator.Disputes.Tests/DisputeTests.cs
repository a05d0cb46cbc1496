using Orchestrator.Contracts;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Stake;
using Orchestrator.Disputes.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.Disputes.Tests;

/// <summary>Whoever lies is found, at the very step it lied in; whoever does not is not.</summary>
public sealed class DisputeTests(Models models) : IClassFixture<Models>
{
    private const int Prompt = 135;
    private const int Tokens = 172;

    /// <summary>Model, stage, seed of the altered pass and operator.</summary>
    public static TheoryData<string, int, int> Lies
    {
        get
        {
            var lies = new TheoryData<string, int, int>();
            foreach (string model in (string[])["standard", "grouped"])
            {
                for (int seed = 1; seed <= 4; seed++)
                    lies.Add(model, seed % 2, seed);
            }

            lies.Add("tiny-chat", 1, 6);
            return lies;
        }
    }

    [Theory, MemberData(nameof(Lies))]
    public async Task A_defender_that_altered_one_operator_is_convicted_at_that_step(string name, int stage, int seed)
    {
        var (recording, position, op) = await PickAsync(name, stage, seed);
        var lied = Lie(recording, stage, position, op, seed);
        using var court = new Court(recording, stage);
        var verdict = court.Play(lied, recording.Chunks[stage], chunk => recording.Trace(stage, chunk), chunk => recording.Lie(stage, chunk, position, op, seed));
        Report(court, verdict);
        verdict.Outcome.ShouldBe(DisputeOutcome.Overturned, verdict.Reason);
        verdict.Fault.ShouldBe(FaultKind.WrongResult);
        verdict.ChallengerRewarded.ShouldBeTrue();
        court.OperatorsRun.ShouldBe(1);
        verdict.Step.ShouldBe(StepOf(recording, stage, position, op));
    }

    [Theory, MemberData(nameof(Lies))]
    public async Task A_challenger_that_altered_one_operator_is_convicted_at_that_step(string name, int stage, int seed)
    {
        var (recording, position, op) = await PickAsync(name, stage, seed);
        var lied = Lie(recording, stage, position, op, seed);
        using var court = new Court(recording, stage, statesPerRound: 1);
        var verdict = court.Play(recording.Chunks[stage], lied, chunk => recording.Lie(stage, chunk, position, op, seed), chunk => recording.Trace(stage, chunk));
        Report(court, verdict);
        verdict.Outcome.ShouldBe(DisputeOutcome.Upheld, verdict.Reason);
        verdict.Fault.ShouldBe(FaultKind.FalseAccusation);
        verdict.Step.ShouldBe(StepOf(recording, stage, position, op));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Whoever_claims_another_hash_than_its_own_trace_puts_out_loses(bool defenderLies)
    {
        var recording = (await models.GetAsync("grouped")).Generate(20, 60);
        var honest = recording.Chunks[1];
        var invented = honest.Select((hash, i) => i == 1 ? Some.Digest(9) : hash).ToArray();
        using var court = new Court(recording, 1);
        var verdict = court.Play(defenderLies ? invented : honest, defenderLies ? honest : invented, chunk => recording.Trace(1, chunk), chunk => recording.Trace(1, chunk));
        verdict.Outcome.ShouldBe(defenderLies ? DisputeOutcome.Overturned : DisputeOutcome.Upheld, verdict.Reason);
        verdict.Step.ShouldBeNull();
        court.OperatorsRun.ShouldBe(0);
        verdict.Chunk.ShouldBe(1);
    }

    [Fact]
    public async Task Damaged_evidence_of_one_side_only_makes_the_referee_take_the_others()
    {
        var (recording, position, op) = await PickAsync("grouped", 0, 3);
        using var court = new Court(recording, 0)
        {
            Tamper = (side, bytes) =>
            {
                if (side == Party.Defender)
                    bytes[^1] ^= 1;
                return bytes;
            },
        };
        var verdict = court.Play(Lie(recording, 0, position, op, 0), recording.Chunks[0], chunk => recording.Trace(0, chunk), chunk => recording.Lie(0, chunk, position, op));
        court.Task!.Attempt.ShouldBe(1);
        verdict.Outcome.ShouldBe(DisputeOutcome.Overturned, verdict.Reason);
    }

    private async Task<(Recording Recording, int Position, int Operator)> PickAsync(string name, int stage, int seed)
    {
        var model = await models.GetAsync(name);
        var recording = model.Generate(Prompt, Tokens, seed);
        var random = Some.Random(seed);
        using var shard = model.Trace(stage);
        // A pass of each kind: the prompt's passes, and any decode pass.
        int position = random.Next(3) == 0 ? 0 : random.Next(Prompt, Tokens);
        return (recording, position, random.Next(shard.Layout.Operators.Count));
    }

    // What is altered may reach nothing that is committed to, such as rows that nobody draws from. A liar may commit to anything: then it invents a hash.
    private static Digest[] Lie(Recording recording, int stage, int position, int op, int element)
    {
        using var whole = recording.Lie(stage, recording.Chunks[stage].Count - 1, position, op, element);
        Digest[] lied = [.. recording.Commitments(whole, stage)];
        int chunk = ChunkPlan.All(recording.PromptTokens, recording.Tokens.Length).Last(c => c.Start <= position).Index;
        if (lied.SequenceEqual(recording.Chunks[stage]))
            lied[chunk] = Some.Digest(99);
        return lied;
    }

    private static long StepOf(Recording recording, int stage, int position, int op)
    {
        using var shard = recording.Model.Trace(stage);
        return (long)recording.Received[0].Index().Single(p => p.Item.Pass.Position == position).Index * shard.Layout.StepsPerPass + 1 + op;
    }

    private static void Report(Court court, DisputeVerdict verdict) => TestContext.Current.TestOutputHelper!.WriteLine(
        $"{verdict.Reason} rounds {court.Rounds}, messages {court.Messages}, bytes {court.Bytes}, of that evidence {court.EvidenceBytes}");
}
