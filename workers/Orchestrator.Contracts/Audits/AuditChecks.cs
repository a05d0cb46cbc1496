namespace Orchestrator.Contracts;

/// <summary>Bounds of audit messages. What passes is finite and consistent in itself; nothing about its truth is implied.</summary>
public static class AuditChecks
{
    /// <summary>Largest input file, in bytes.</summary>
    public const long MaxInputBytes = 4L << 30;

    private const int MaxText = 2_000;
    private const int MaxPoints = 128 * 6;

    /// <summary>What is wrong with a task; null when nothing is.</summary>
    public static string? Problem(AuditTask task)
    {
        if (task.SchemaVersion != AuditTask.CurrentSchema)
            return $"its schema is {task.SchemaVersion}, not {AuditTask.CurrentSchema}";
        if (task.Stage is < 0 or >= ManifestValidator.MaxStages)
            return $"its stage must lie in 0..{ManifestValidator.MaxStages - 1}";
        if (task.PromptTokens < 1 || task.Tokens < task.PromptTokens || task.Tokens > ManifestValidator.MaxContext)
            return $"its tokens must be at least the prompt's, at least 1 and at most {ManifestValidator.MaxContext}";
        if (task.InputBytes is < 1 or > MaxInputBytes)
            return $"its inputs must have 1..{MaxInputBytes} bytes";
        if (task.Chunks.Count is < 1 or > AuditTask.MaxChunks || !Rising(task.Chunks) || task.Chunks[0] < 0 || task.Chunks[^1] >= task.Tokens)
            return $"its chunks must be 1..{AuditTask.MaxChunks} rising numbers of chunks that the tokens make";
        if (!Enum.IsDefined(task.Mode))
            return "its mode is unknown";
        // The token of the last draw need not have been run.
        if (task.Draws is { } draws && (draws.Choice is < 0 or >= Assignment.MaxChoices || draws.Tokens.Count > task.Tokens - task.PromptTokens + 1 || draws.Tokens.Any(token => token < 0)))
            return "its draws must be of a choice a job can have, and no more than the tokens allow";
        return null;
    }

    /// <summary>What is wrong with a report as an answer to a task; null when nothing is.</summary>
    public static string? Problem(AuditReport report, AuditTask task)
    {
        if (report.SchemaVersion != AuditReport.CurrentSchema)
            return $"its schema is {report.SchemaVersion}, not {AuditReport.CurrentSchema}";
        if (report.Node != task.Node || report.Audit != task.Audit || report.Mode != task.Mode)
            return "it is not for this audit";
        if (report.Chunks.Any(chunk => chunk is null) || report.Gaps.Any(gap => gap is null))
            return "a chunk or a draw is null";
        if (report.ComputeMicroseconds < 0 || report.Failure is { } failure && (failure.Code.Length > MaxText || failure.Message.Length > MaxText))
            return "its time or its failure is out of range";
        if (report.Failure is not null)
            return report.Chunks.Count == 0 && report.Gaps.Count == 0 ? null : "it failed and has results";
        if (!report.Chunks.Select(chunk => chunk.Chunk).SequenceEqual(task.Chunks))
            return "it does not report on the chunks that were asked for";
        if (report.Chunks.Any(chunk => chunk.Output is null == (task.Mode == AuditMode.Exact) || chunk.Points is { Length: > MaxPoints }))
            return "a chunk lacks its hash, has one too many, or has points of impossible size";
        int draws = task.Draws?.Tokens.Count ?? 0;
        if (report.Draws < 0 || report.Draws > draws || report.Gaps.Count > Math.Min(report.Draws, AuditReport.MaxGaps))
            return "it repeats more draws than there are";
        int last = task.PromptTokens + draws;
        if (!Rising([.. report.Gaps.Select(gap => gap.Position)]) || report.Gaps.Any(gap => gap.Position < task.PromptTokens || gap.Position >= last || !(gap.Gap > 0) || !double.IsFinite(gap.Gap)
            || gap.Drawn != task.Draws!.Tokens[gap.Position - task.PromptTokens] || gap.Best == gap.Drawn || gap.Best < 0))
            return "a draw it disagrees with is not one of the task's, or has no gap";
        return null;
    }

    private static bool Rising(IReadOnlyList<int> numbers)
    {
        for (int i = 1; i < numbers.Count; i++)
        {
            if (numbers[i] <= numbers[i - 1])
                return false;
        }

        return true;
    }
}
