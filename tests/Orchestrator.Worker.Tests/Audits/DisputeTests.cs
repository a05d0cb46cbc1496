using System.Net;
using Orchestrator.Contracts;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Tests.Audits;

/// <summary>Parties and referee over HTTP and messages, with a real session's evidence.</summary>
public sealed class DisputeTests(RealNetwork real) : IClassFixture<RealNetwork>
{
    private const int Stage = 1;
    private const int Defender = 1;
    private const int Challenger = 0;
    private const int Referee = 0;

    private readonly DisputeId dispute = DisputeId.Derive(real.Assignments[0].Session, Stage, 0, real.Network.Nodes[Challenger].Node);

    [Fact]
    public async Task Honest_parties_have_one_trace_and_the_referee_knows_it()
    {
        var inputs = await real.InputsAsync(Stage);
        var size = await real.StatesAsync(Defender, Ask(Defender, TraceQuestion.States));
        long[] steps = [0, 1, size.StepsPerPass, size.TotalSteps / 2 + 3, size.TotalSteps];
        var own = await real.StatesAsync(Defender, Ask(Defender, TraceQuestion.States, steps));
        var theirs = await real.StatesAsync(Challenger, Ask(Challenger, TraceQuestion.States, steps, inputs));
        theirs.States.ShouldBe(own.States);
        (theirs.StepsPerPass, theirs.TotalSteps, theirs.Class).ShouldBe((own.StepsPerPass, own.TotalSteps, real.Receipts[Stage].Class));

        long step = steps[3];
        var around = await real.StatesAsync(Defender, Ask(Defender, TraceQuestion.States, [step, step + 1]));
        var leaf = await real.LeafAsync(Challenger, Ask(Challenger, TraceQuestion.Leaf, [step], inputs));
        TraceCheck.Fits(leaf, around.States[0], around.States[1]).ShouldBeTrue();
        var right = TraceHash.Leaf(leaf.Outputs);
        byte[] evidence = await real.AskAsync(Defender, Ask(Defender, TraceQuestion.StepInputs, [step]));

        await ShouldJudgeAsync(RefereeOutcome.Defender, step, around.States[0], right, Some.Digest(1), evidence, 0);
        await ShouldJudgeAsync(RefereeOutcome.Challenger, step, around.States[0], Some.Digest(1), right, evidence, 1);
        await ShouldJudgeAsync(RefereeOutcome.Neither, step, around.States[0], Some.Digest(1), Some.Digest(2), evidence, 2);
        evidence[^1] ^= 1;
        await ShouldJudgeAsync(RefereeOutcome.BadEvidence, step, around.States[0], right, Some.Digest(1), evidence, 3);
        var counted = await JudgeAsync(RefereeQuestion.Operators, 0, null, null, null, null, 4);
        (counted.Outcome, counted.StepsPerPass).ShouldBe((RefereeOutcome.Counted, own.StepsPerPass));
    }

    [Fact]
    public async Task A_received_step_is_judged_from_the_committed_inputs()
    {
        var inputs = await real.InputsAsync(Stage);
        var size = await real.StatesAsync(Defender, Ask(Defender, TraceQuestion.States));
        long step = 3 * size.StepsPerPass;
        var states = await real.StatesAsync(Defender, Ask(Defender, TraceQuestion.States, [step]));
        var right = TraceHash.Leaf((await real.LeafAsync(Defender, Ask(Defender, TraceQuestion.Leaf, [step]))).Outputs);
        var verdict = await JudgeAsync(RefereeQuestion.Step, step, states.States[0], right, Some.Digest(1), null, 5, inputs);
        (verdict.Outcome, verdict.Correct).ShouldBe((RefereeOutcome.Defender, right));
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task Chunk_and_draws_are_judged_from_the_chunks_outputs(bool honest)
    {
        var size = await real.StatesAsync(Defender, Ask(Defender, TraceQuestion.States));
        var end = await real.StatesAsync(Defender, Ask(Defender, TraceQuestion.States, [size.TotalSteps]));
        byte[] evidence = await real.AskAsync(Defender, Ask(Defender, TraceQuestion.ChunkOutputs));
        var committed = (await real.ChunksAsync(Stage))[Chunk].Output;
        int offset = honest ? 10 : 20;
        var verdict = await JudgeAsync(
            RefereeQuestion.Chunk, size.TotalSteps, end.States[0], honest ? committed : Some.Digest(1), honest ? Some.Digest(1) : committed, evidence, offset);
        verdict.Outcome.ShouldBe(honest ? RefereeOutcome.Defender : RefereeOutcome.Challenger);

        int[] tokens = [.. real.Drawn];
        if (!honest)
            tokens[3] = (tokens[3] + 1) % 250;
        var draws = new DrawTask(real.Assignments[0].Sampling, 0, tokens);
        verdict = await JudgeAsync(RefereeQuestion.Draws, 0, null, committed, null, evidence, offset + 1, draws: draws);
        verdict.Outcome.ShouldBe(honest ? RefereeOutcome.Defender : RefereeOutcome.Challenger, verdict.Reason);
    }

    [Theory, InlineData(RefereeQuestion.Step), InlineData(RefereeQuestion.Chunk)]
    public async Task A_referee_of_another_class_judges_nothing(RefereeQuestion question)
    {
        var task = await TaskAsync(question, 1, Some.Digest(1), Some.Digest(2), Some.Digest(3), [1], 30);
        (await JudgeAsync(task with { Class = task.Class with { Instructions = "none" } })).Outcome.ShouldBe(RefereeOutcome.CannotJudge);
    }

    [Fact]
    public async Task Queries_that_are_forged_late_impossible_or_about_unknown_sessions_are_refused()
    {
        var query = Ask(Defender, TraceQuestion.States);
        using var forger = Some.Key(77);
        (await StatusAsync(query, forger)).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(query with { Node = Some.Node() })).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(query with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(-1) })).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(query with { ExpiresAt = DateTimeOffset.UtcNow.AddDays(1) })).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(query with { Chunk = 30 })).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(query with { Steps = [5_000_000] })).ShouldBe(HttpStatusCode.BadRequest);
        (await StatusAsync(query with { Session = Some.Session(9) })).ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_node_that_is_no_referee_drops_the_task()
    {
        var task = await TaskAsync(RefereeQuestion.Operators, 0, null, null, null, null, 40);
        (await real.Network.DeliverAsync(1, MessageTypes.RefereeTask, task with { Node = real.Network.Nodes[1].Node }, ContractsJson.Default.RefereeTask)).ShouldContain("DROP");
    }

    private int Chunk => real.Receipts[Stage].Choices[0].Chunks - 1;

    private TraceQuery Ask(int node, TraceQuestion question, long[]? steps = null, (Digest, long)? inputs = null) =>
        real.Query(node, Stage, dispute, question, steps ?? [], Chunk, inputs);

    private async Task<HttpStatusCode> StatusAsync(TraceQuery query, SigningKey? signer = null)
    {
        using var response = await real.Network.PostAsync(Defender, "/disputes", MessageTypes.TraceQuery, query, ContractsJson.Default.TraceQuery, signer);
        return response.StatusCode;
    }

    private async Task ShouldJudgeAsync(RefereeOutcome expected, long step, Digest agreed, Digest defender, Digest challenger, byte[] evidence, int attempt)
    {
        var verdict = await JudgeAsync(RefereeQuestion.Step, step, agreed, defender, challenger, evidence, attempt);
        verdict.Outcome.ShouldBe(expected, verdict.Reason);
    }

    private async Task<RefereeVerdict> JudgeAsync(
        RefereeQuestion question, long step, Digest? agreed, Digest? defender, Digest? challenger, byte[]? evidence, int attempt, (Digest Blob, long Bytes)? inputs = null, DrawTask? draws = null) =>
        await JudgeAsync(await TaskAsync(question, step, agreed, defender, challenger, evidence, attempt, inputs, draws));

    private async Task<RefereeVerdict> JudgeAsync(RefereeTask task)
    {
        DisputeChecks.Problem(task).ShouldBeNull();
        (await real.Network.DeliverAsync(Referee, MessageTypes.RefereeTask, task, ContractsJson.Default.RefereeTask)).ShouldContain("SUCCESS");
        var verdict = await real.Network.Bus.AuditMessageAsync(
            real.Network.Nodes[Referee].Node, MessageTypes.RefereeVerdict, ContractsJson.Default.RefereeVerdict, v => v.Attempt == task.Attempt && v.Question == task.Question);
        DisputeChecks.Problem(verdict, task).ShouldBeNull();
        return verdict;
    }

    private async Task<RefereeTask> TaskAsync(
        RefereeQuestion question, long step, Digest? agreed, Digest? defender, Digest? challenger, byte[]? evidence, int attempt, (Digest Blob, long Bytes)? inputs = null, DrawTask? draws = null)
    {
        Digest? blob = evidence is null ? null : await real.Network.Blobs.PutAsync(new MemoryStream(evidence));
        return new RefereeTask(
            RefereeTask.CurrentSchema, real.Network.Nodes[Referee].Node, dispute, attempt, real.Network.Manifest, Stage, real.PromptTokens, real.Receipts[Stage].Choices[0].Tokens, Chunk,
            question, step, agreed, defender, challenger, blob, evidence?.Length ?? 0, inputs?.Blob, inputs?.Bytes ?? 0, draws, real.Receipts[Stage].Class, RealNetwork.Soon);
    }
}
