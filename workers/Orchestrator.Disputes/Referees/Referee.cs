using Orchestrator.Contracts;
using Orchestrator.Disputes.Evidence;
using Orchestrator.Disputes.Traces;

namespace Orchestrator.Disputes.Referees;

/// <summary>Answers one <see cref="RefereeTask"/> about a shard.</summary>
/// <param name="run">The shard.</param>
/// <param name="draws">Repeats draws.</param>
public sealed class Referee(RefereeRun run, IDrawReplay draws)
{
    /// <summary>Judges.</summary>
    /// <param name="task">Checked by <see cref="DisputeChecks"/>, for the shard of this referee.</param>
    /// <param name="evidence">Bytes of the trace evidence file; empty when the task names none.</param>
    /// <param name="inputs">The input file; null when the task names none.</param>
    public Judgement Judge(RefereeTask task, ReadOnlyMemory<byte> evidence, IReceivedPasses? inputs)
    {
        int perPass = run.Layout.StepsPerPass;
        if (task.Question == RefereeQuestion.Operators)
            return new(RefereeOutcome.Counted, perPass, null, $"A pass of stage {task.Stage} has {perPass} steps.");
        var chunks = ChunkPlan.All(task.PromptTokens, task.Tokens).Take(task.Chunk + 1).ToArray();
        long steps = (long)chunks.Sum(chunk => chunk.Passes) * perPass;
        bool whole = task.Question != RefereeQuestion.Step;
        if (chunks.Length <= task.Chunk || task.Question != RefereeQuestion.Draws && (whole ? task.Step != steps : task.Step >= steps))
            return new(RefereeOutcome.CannotJudge, perPass, null, $"There is no chunk {task.Chunk} or no step {task.Step} in a trace of {steps} steps.");
        var passes = ChunkPlan.Passes(chunks[^1], task.PromptTokens).ToArray();
        try
        {
            return task.Question switch
            {
                RefereeQuestion.Step => Step(task, evidence, inputs),
                RefereeQuestion.Chunk => Compare(task, run.ChunkHash(passes, (int)steps, task.Agreed!.Value, TraceEvidenceFile.Read(evidence)), $"the hash of chunk {task.Chunk}"),
                _ => Draws(task, passes, (int)steps, TraceEvidenceFile.Read(evidence)),
            };
        }
        catch (InvalidDataException e)
        {
            return new(RefereeOutcome.BadEvidence, perPass, null, Cut(e.Message));
        }
    }

    private Judgement Step(RefereeTask task, ReadOnlyMemory<byte> evidence, IReceivedPasses? inputs)
    {
        int step = (int)task.Step;
        var (pass, within) = Math.DivRem(step, run.Layout.StepsPerPass);
        if (within > 0)
            return Compare(task, run.StepLeaf(step, task.Agreed!.Value, TraceEvidenceFile.Read(evidence)), run.Describe(step));
        var received = inputs?.From(pass).FirstOrDefault();
        return received is null
            ? new(RefereeOutcome.CannotJudge, run.Layout.StepsPerPass, null, $"A received step needs the input file; it has no pass {pass} or was not given.")
            : Compare(task, run.ReceivedLeaf(received), run.Describe(step));
    }

    private Judgement Compare(RefereeTask task, Digest correct, string what)
    {
        var outcome = correct == task.Defender ? RefereeOutcome.Defender : correct == task.Challenger ? RefereeOutcome.Challenger : RefereeOutcome.Neither;
        return new(outcome, run.Layout.StepsPerPass, correct, Cut($"{what}: the {(outcome == RefereeOutcome.Neither ? "claims of both parties are wrong" : $"{outcome.ToString().ToLowerInvariant()}'s claim is right")}."));
    }

    private Judgement Draws(RefereeTask task, IReadOnlyList<ChunkPass> passes, int steps, IReadOnlyList<TraceEvidence> evidence)
    {
        var (hash, rows) = run.ChunkLogits(passes, steps, evidence);
        if (hash != task.Defender)
            throw new InvalidDataException($"The logits are not those of chunk {task.Chunk} in the receipt.");
        var wrong = draws.FirstWrong(task.Draws!, task.PromptTokens, run.Vocabulary, rows);
        return wrong is null
            ? new(RefereeOutcome.Defender, run.Layout.StepsPerPass, null, $"All draws of chunk {task.Chunk} follow from its logits.")
            : new(RefereeOutcome.Challenger, run.Layout.StepsPerPass, null, Cut($"The token at position {wrong.Position} is {wrong.Drawn}; the logits and the seed draw {wrong.Best}."));
    }

    private static string Cut(string text) => text.Length > RefereeVerdict.MaxReason ? text[..RefereeVerdict.MaxReason] : text;
}
