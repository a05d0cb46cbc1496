namespace Orchestrator.Contracts;

/// <summary>Bounds of dispute messages. What passes is finite and consistent in itself; nothing about its truth is implied.</summary>
public static class DisputeChecks
{
    /// <summary>Most steps of a trace.</summary>
    public const long MaxTraceSteps = 1L << 26;

    /// <summary>Largest trace evidence file, in bytes.</summary>
    public const long MaxEvidenceBytes = 1L << 30;

    // A Merkle path over MaxTraceSteps leaves.
    private const int MaxPath = 26;
    private const int MaxOutputs = 4_096;

    /// <summary>What is wrong with a query; null when nothing is.</summary>
    public static string? Problem(TraceQuery query)
    {
        if (query.SchemaVersion != TraceQuery.CurrentSchema)
            return $"its schema is {query.SchemaVersion}, not {TraceQuery.CurrentSchema}";
        if (Work(query.Stage, query.PromptTokens, query.Tokens, query.Chunk) is { } problem)
            return problem;
        if (query.Choice is < 0 or >= Assignment.MaxChoices)
            return $"its choice must lie in 0..{Assignment.MaxChoices - 1}";
        if (!Blob(query.Inputs, query.InputBytes, AuditChecks.MaxInputBytes))
            return "its inputs have an impossible size";
        int steps = query.Steps.Count;
        bool fits = query.Question switch
        {
            TraceQuestion.States => steps <= TraceQuery.MaxSteps,
            TraceQuestion.Leaf or TraceQuestion.StepInputs => steps == 1,
            TraceQuestion.ChunkOutputs => steps == 0,
            _ => false,
        };
        return fits && Steps(query.Steps) ? null : "it asks for steps that its question does not take";
    }

    /// <summary>What is wrong with an answer to a query for states; null when nothing is.</summary>
    public static string? Problem(TraceStates answer, TraceQuery query)
    {
        if (answer.SchemaVersion != TraceStates.CurrentSchema || answer.Node != query.Node || answer.Dispute != query.Dispute)
            return "it does not answer this query";
        if (answer.StepsPerPass is < 2 or > MaxOutputs * 64 || answer.TotalSteps < answer.StepsPerPass || answer.TotalSteps > MaxTraceSteps || answer.TotalSteps % answer.StepsPerPass != 0)
            return $"its trace must have whole passes of 2 or more steps, {MaxTraceSteps} steps at most";
        if (!answer.Steps.SequenceEqual(query.Steps) || answer.States.Count != answer.Steps.Count || answer.Steps.Any(step => step > answer.TotalSteps))
            return "it does not give the states that were asked for";
        return null;
    }

    /// <summary>What is wrong with an answer to a query for a leaf; null when nothing is. Whether it fits the states is for the verifier of traces.</summary>
    public static string? Problem(TraceLeaf answer, TraceQuery query)
    {
        if (answer.SchemaVersion != TraceLeaf.CurrentSchema || answer.Node != query.Node || answer.Dispute != query.Dispute || query.Steps is not [var step] || answer.Step != step)
            return "it does not answer this query";
        return answer.Outputs.Count is < 1 or > MaxOutputs || answer.Path.Count > MaxPath ? "its outputs or its path are too long" : null;
    }

    /// <summary>What is wrong with a task; null when nothing is.</summary>
    public static string? Problem(RefereeTask task)
    {
        if (task.SchemaVersion != RefereeTask.CurrentSchema || task.Attempt < 0)
            return $"its schema is {task.SchemaVersion}, not {RefereeTask.CurrentSchema}, or its attempt is negative";
        if (Work(task.Stage, task.PromptTokens, task.Tokens, task.Chunk) is { } problem)
            return problem;
        if (!Steps([task.Step]) || !Blob(task.Evidence, task.EvidenceBytes, MaxEvidenceBytes) || !Blob(task.Inputs, task.InputBytes, AuditChecks.MaxInputBytes))
            return "its step or the size of a blob is out of range";
        bool fits = task.Question switch
        {
            RefereeQuestion.Operators => true,
            RefereeQuestion.Step => task is { Agreed: not null, Defender: not null, Challenger: not null } && (task.Evidence ?? task.Inputs) is not null,
            RefereeQuestion.Chunk => task is { Agreed: not null, Defender: not null, Challenger: not null, Evidence: not null },
            RefereeQuestion.Draws => task is { Defender: not null, Evidence: not null, Draws: not null },
            _ => false,
        };
        return fits ? null : "it lacks what its question needs";
    }

    /// <summary>What is wrong with a verdict on a task; null when nothing is.</summary>
    public static string? Problem(RefereeVerdict verdict, RefereeTask task)
    {
        if (verdict.SchemaVersion != RefereeVerdict.CurrentSchema || verdict.Node != task.Node || verdict.Dispute != task.Dispute
            || verdict.Attempt != task.Attempt || verdict.Question != task.Question)
            return "it is not for this task";
        if (!Enum.IsDefined(verdict.Outcome) || verdict.Reason.Length > RefereeVerdict.MaxReason || verdict.ComputeMicroseconds < 0 || verdict.StepsPerPass < 0)
            return "its outcome, reason or numbers are out of range";
        return verdict.Outcome == RefereeOutcome.Counted == (task.Question == RefereeQuestion.Operators) || verdict.Outcome == RefereeOutcome.CannotJudge
            ? null
            : "its outcome does not fit the question";
    }

    private static string? Work(int stage, int promptTokens, int tokens, int chunk)
    {
        if (stage is < 0 or >= ManifestValidator.MaxStages)
            return $"its stage must lie in 0..{ManifestValidator.MaxStages - 1}";
        if (promptTokens < 1 || tokens < promptTokens || tokens > ManifestValidator.MaxContext)
            return $"its tokens must be at least the prompt's, at least 1 and at most {ManifestValidator.MaxContext}";
        return chunk < 0 || chunk >= tokens ? "its chunk is not one that the tokens make" : null;
    }

    private static bool Blob(Digest? digest, long bytes, long most) => digest is null ? bytes == 0 : bytes > 0 && bytes <= most;

    private static bool Steps(IReadOnlyList<long> steps)
    {
        for (int i = 0; i < steps.Count; i++)
        {
            if (steps[i] < (i == 0 ? 0 : steps[i - 1] + 1) || steps[i] > MaxTraceSteps)
                return false;
        }

        return true;
    }
}
