using Orchestrator.TestKit;

namespace Orchestrator.Contracts.Tests;

public sealed class DisputeChecksTests
{
    private static readonly TraceQuery Query = MessageSamples.TraceQuery;
    private static readonly TraceStates States = MessageSamples.TraceStates;
    private static readonly RefereeTask Task = MessageSamples.RefereeTask;
    private static readonly RefereeVerdict Verdict = MessageSamples.RefereeVerdict;

    public static TheoryData<string, TraceQuery> BadQueries => new()
    {
        { "schema", Query with { SchemaVersion = 2 } },
        { "stage", Query with { Stage = 256 } },
        { "choice", Query with { Choice = -1 } },
        { "tokens", Query with { Tokens = 1 } },
        { "chunk", Query with { Chunk = 40 } },
        { "size without blob", Query with { Inputs = null } },
        { "blob without size", Query with { InputBytes = 0 } },
        { "falling steps", Query with { Steps = [5, 4] } },
        { "negative step", Query with { Steps = [-1] } },
        { "far step", Query with { Steps = [long.MaxValue] } },
        { "too many steps", Query with { Steps = [.. Enumerable.Range(0, 257).Select(i => (long)i)] } },
        { "two leaves", Query with { Question = TraceQuestion.Leaf } },
        { "steps of a chunk", Query with { Question = TraceQuestion.ChunkOutputs } },
        { "unknown question", Query with { Question = (TraceQuestion)9 } },
    };

    public static TheoryData<string, TraceStates> BadStates => new()
    {
        { "schema", States with { SchemaVersion = 2 } },
        { "node", States with { Node = Some.Node(9) } },
        { "dispute", States with { Dispute = DisputeId.Derive(Some.Session(), 0, 0, Some.Node()) } },
        { "no operators", States with { StepsPerPass = 1, TotalSteps = 3 } },
        { "no steps", States with { StepsPerPass = 0, TotalSteps = 0 } },
        { "half a pass", States with { TotalSteps = 61 } },
        { "endless", States with { StepsPerPass = 2, TotalSteps = 1L << 40 } },
        { "other steps", States with { Steps = [0, 10, 41] } },
        { "missing state", States with { States = [Some.Digest()] } },
        { "step behind the end", States with { TotalSteps = 20 } },
    };

    public static TheoryData<string, RefereeTask> BadTasks => new()
    {
        { "schema", Task with { SchemaVersion = 2 } },
        { "attempt", Task with { Attempt = -1 } },
        { "step", Task with { Step = -1 } },
        { "evidence size", Task with { EvidenceBytes = long.MaxValue } },
        { "no state", Task with { Agreed = null } },
        { "no evidence", Task with { Evidence = null, EvidenceBytes = 0 } },
        { "no draws", Task with { Question = RefereeQuestion.Draws } },
        { "no claim", Task with { Question = RefereeQuestion.Chunk, Challenger = null } },
    };

    public static TheoryData<string, RefereeVerdict> BadVerdicts => new()
    {
        { "attempt", Verdict with { Attempt = 1 } },
        { "node", Verdict with { Node = Some.Node(3) } },
        { "question", Verdict with { Question = RefereeQuestion.Chunk } },
        { "outcome", Verdict with { Outcome = (RefereeOutcome)99 } },
        { "counted", Verdict with { Outcome = RefereeOutcome.Counted } },
        { "reason", Verdict with { Reason = new('x', 501) } },
    };

    [Fact]
    public void Sound_messages_pass()
    {
        DisputeChecks.Problem(Query).ShouldBeNull();
        DisputeChecks.Problem(Query with { Inputs = null, InputBytes = 0 }).ShouldBeNull();
        DisputeChecks.Problem(Query with { Question = TraceQuestion.ChunkOutputs, Steps = [] }).ShouldBeNull();
        DisputeChecks.Problem(States, Query).ShouldBeNull();
        DisputeChecks.Problem(MessageSamples.TraceLeaf, Query with { Question = TraceQuestion.Leaf, Steps = [10] }).ShouldBeNull();
        DisputeChecks.Problem(Task).ShouldBeNull();
        DisputeChecks.Problem(Verdict, Task).ShouldBeNull();
    }

    [Theory, MemberData(nameof(BadQueries))]
    public void A_query_out_of_bounds_is_named(string what, TraceQuery query) => DisputeChecks.Problem(query).ShouldNotBeNull(what);

    [Theory, MemberData(nameof(BadStates))]
    public void States_that_do_not_answer_the_query_are_named(string what, TraceStates states) => DisputeChecks.Problem(states, Query).ShouldNotBeNull(what);

    [Theory, MemberData(nameof(BadTasks))]
    public void A_task_that_cannot_be_judged_is_named(string what, RefereeTask task) => DisputeChecks.Problem(task).ShouldNotBeNull(what);

    [Theory, MemberData(nameof(BadVerdicts))]
    public void A_verdict_on_other_work_is_named(string what, RefereeVerdict verdict) => DisputeChecks.Problem(verdict, Task).ShouldNotBeNull(what);

    [Fact]
    public void A_leaf_of_another_step_is_named()
    {
        var query = Query with { Question = TraceQuestion.Leaf, Steps = [10] };
        DisputeChecks.Problem(MessageSamples.TraceLeaf with { Step = 11 }, query).ShouldNotBeNull();
        DisputeChecks.Problem(MessageSamples.TraceLeaf with { Outputs = [] }, query).ShouldNotBeNull();
        DisputeChecks.Problem(MessageSamples.TraceLeaf with { Path = [.. Enumerable.Repeat(Some.Digest(), 27)] }, query).ShouldNotBeNull();
    }
}
