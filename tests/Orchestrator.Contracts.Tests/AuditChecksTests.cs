using Orchestrator.TestKit;

namespace Orchestrator.Contracts.Tests;

public sealed class AuditChecksTests
{
    private static readonly AuditTask Task = MessageSamples.AuditTask;
    private static readonly AuditReport Report = MessageSamples.AuditReport;

    public static TheoryData<string, AuditTask> BadTasks => new()
    {
        { "schema", Task with { SchemaVersion = 2 } },
        { "stage", Task with { Stage = -1 } },
        { "no prompt", Task with { PromptTokens = 0 } },
        { "fewer tokens than prompt", Task with { Tokens = 4 } },
        { "endless tokens", Task with { Tokens = int.MaxValue } },
        { "no bytes", Task with { InputBytes = 0 } },
        { "too many bytes", Task with { InputBytes = long.MaxValue } },
        { "no chunks", Task with { Chunks = [] } },
        { "falling chunks", Task with { Chunks = [1, 0] } },
        { "a chunk twice", Task with { Chunks = [1, 1] } },
        { "negative chunk", Task with { Chunks = [-1] } },
        { "far chunk", Task with { Chunks = [40] } },
        { "too many chunks", Task with { Tokens = 5_000, Chunks = [.. Enumerable.Range(0, 513)] } },
        { "mode", Task with { Mode = (AuditMode)7 } },
        { "choice", Task with { Draws = Task.Draws! with { Choice = 16 } } },
        { "negative token", Task with { Draws = Task.Draws! with { Tokens = [-1] } } },
        { "more draws than places", Task with { Draws = Task.Draws! with { Tokens = new int[37] } } },
    };

    public static TheoryData<string, AuditReport> BadReports => new()
    {
        { "schema", Report with { SchemaVersion = 0 } },
        { "node", Report with { Node = Some.Node(9) } },
        { "audit", Report with { Audit = AuditId.Derive(Some.Session(), 1, 0, 1) } },
        { "mode", Report with { Mode = AuditMode.Batched } },
        { "time", Report with { ComputeMicroseconds = -1 } },
        { "failed with results", Report with { Failure = new("internal", "x", 1) } },
        { "null chunk", Report with { Chunks = [null!, Report.Chunks[1]] } },
        { "null gap", Report with { Gaps = [null!] } },
        { "other chunks", Report with { Chunks = [Report.Chunks[0]] } },
        { "no hash", Report with { Chunks = [Report.Chunks[0] with { Output = null }, Report.Chunks[1]] } },
        { "points", Report with { Chunks = [Report.Chunks[0], Report.Chunks[1] with { Points = new byte[2_000] }] } },
        { "draws", Report with { Draws = 4 } },
        { "gap of no draw", Report with { Gaps = [new(8, 1, 7, 0.25)] } },
        { "gap before the prompt's end", Report with { Gaps = [new(4, 1, 7, 0.25)] } },
        { "gap of another token", Report with { Gaps = [new(6, 2, 7, 0.25)] } },
        { "no gap", Report with { Gaps = [new(6, 1, 7, 0)] } },
        { "no number", Report with { Gaps = [new(6, 1, 7, double.NaN)] } },
        { "endless gap", Report with { Gaps = [new(6, 1, 7, double.PositiveInfinity)] } },
        { "same token", Report with { Gaps = [new(6, 1, 1, 0.25)] } },
    };

    [Fact]
    public void Sound_messages_pass()
    {
        AuditChecks.Problem(Task).ShouldBeNull();
        AuditChecks.Problem(Report, Task).ShouldBeNull();
        AuditChecks.Problem(Report with { Chunks = [], Draws = 0, Gaps = [], Failure = new("internal", "no shard", 1) }, Task).ShouldBeNull();
        var batched = Report with { Mode = AuditMode.Batched, Chunks = [.. Report.Chunks.Select(chunk => chunk with { Output = null })] };
        AuditChecks.Problem(batched, Task with { Mode = AuditMode.Batched }).ShouldBeNull();
    }

    [Theory, MemberData(nameof(BadTasks))]
    public void A_task_out_of_bounds_is_named(string what, AuditTask task) => AuditChecks.Problem(task).ShouldNotBeNull(what);

    [Theory, MemberData(nameof(BadReports))]
    public void A_report_that_does_not_fit_its_task_is_named(string what, AuditReport report) => AuditChecks.Problem(report, Task).ShouldNotBeNull(what);

    [Fact]
    public void The_largest_report_fits_a_message()
    {
        var chunk = new AuditedChunk(int.MaxValue, Some.Digest(), new byte[768]);
        var gap = new DrawGap(int.MaxValue, int.MaxValue, int.MaxValue, -Math.PI);
        var report = Report with { Chunks = [.. Enumerable.Repeat(chunk, AuditTask.MaxChunks)], Gaps = [.. Enumerable.Repeat(gap, AuditReport.MaxGaps)] };
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(report, ContractsJson.Default.AuditReport).Length.ShouldBeLessThan(SignedMessage.MaxPayload);
    }
}
