using Orchestrator.Contracts;
using Orchestrator.Disputes.Evidence;
using Orchestrator.Onnx.Sampling;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Audits;

/// <summary>Runs one audit, a pass of the engine at a time, so that it can take turns with sessions. Not thread-safe.</summary>
public sealed class AuditRun : IDisposable
{
    private readonly AuditTask task;
    private readonly ModelManifest model;
    private readonly TimeProvider time;
    private readonly HashSet<int> asked;
    private readonly IStageSession session;
    private readonly InputFileReader reader;
    private readonly ChunkTally tally;
    private readonly DrawVerifier? draws;
    private readonly List<DrawGap> gaps = [];
    private readonly IEnumerator<IReadOnlyList<(InputPass Pass, IReadOnlyList<Tensor> Sends)>> runs;
    private TimeSpan compute;
    private int drawn;

    /// <summary>Opens caches; nothing runs yet.</summary>
    /// <param name="task">Checked by <see cref="AuditChecks"/>.</param>
    /// <param name="model">The model it names.</param>
    /// <param name="engine">The shard it names.</param>
    /// <param name="inputs">The input file; the caller keeps it.</param>
    /// <param name="time">Measures the compute.</param>
    /// <exception cref="InvalidDataException">The task does not fit the model, or the file is not an input file.</exception>
    public AuditRun(AuditTask task, ModelManifest model, IStageEngine engine, Stream inputs, TimeProvider time)
    {
        (this.task, this.model, this.time) = (task, model, time);
        bool last = task.Stage == model.Stages.Count - 1;
        if (task.Tokens > model.ContextLength)
            throw new InvalidDataException($"{task.Tokens} tokens do not fit the model's context of {model.ContextLength}.");
        if (task.Chunks[^1] >= ChunkPlan.Count(task.PromptTokens, task.Tokens))
            throw new InvalidDataException($"{task.Tokens} tokens do not make a chunk {task.Chunks[^1]}.");
        if (task.Draws is not null && !last)
            throw new InvalidDataException($"Stage {task.Stage} draws nothing: only the last one does.");
        draws = task.Draws is { } given ? Verifier(given, model.Vocabulary) : null;
        IReplay replay = task.Mode == AuditMode.Exact ? new ExactReplay() : new BatchedReplay(engine.Shard);
        asked = [.. task.Chunks];
        reader = new InputFileReader(inputs, engine.Shard, task.PromptTokens, task.Tokens);
        tally = new ChunkTally(engine.Shard, last, hash: task.Mode == AuditMode.Exact);
        session = engine.Open(task.Tokens);
        runs = replay.Run(session, reader).GetEnumerator();
    }

    /// <summary>Runs the engine once; false when all that was asked for has run.</summary>
    /// <exception cref="InvalidDataException">The inputs do not fit the shard.</exception>
    public bool Step()
    {
        long began = time.GetTimestamp();
        bool more = runs.MoveNext();
        compute += time.GetElapsedTime(began);
        if (!more)
            return false;
        foreach (var (pass, sends) in runs.Current)
        {
            if (draws is not null)
                Draw(pass, sends);
            if (asked.Contains(pass.Chunk.Index))
                tally.Add(pass, sends);
        }

        return tally.Chunks.Count < task.Chunks.Count;
    }

    /// <summary>What there is to report, complete once <see cref="Step"/> said that nothing is left.</summary>
    /// <param name="node">The auditor.</param>
    /// <param name="executionClass">The class it ran in.</param>
    /// <param name="at">The time.</param>
    public AuditReport Report(NodeId node, ExecutionClass executionClass, DateTimeOffset at) => new(
        AuditReport.CurrentSchema, node, task.Audit, executionClass, task.Mode, tally.Chunks, drawn, gaps, (long)compute.TotalMicroseconds, null, at);

    /// <inheritdoc />
    public void Dispose()
    {
        runs.Dispose();
        reader.Dispose();
        tally.Dispose();
        session.Dispose();
    }

    private static DrawVerifier Verifier(DrawTask given, int vocabulary)
    {
        try
        {
            return new DrawVerifier(given.Sampling, vocabulary, given.Choice);
        }
        catch (ArgumentException e)
        {
            throw new InvalidDataException(e.Message, e);
        }
    }

    private void Draw(InputPass pass, IReadOnlyList<Tensor> sends)
    {
        int rowBytes = model.Vocabulary * sizeof(float);
        foreach (var logits in ChunkOutputs.Committed(pass.Pass, sends, last: true))
        {
            for (int row = 0; (row + 1) * rowBytes <= logits.Bytes.Length; row++)
            {
                int position = pass.Pass.Position + pass.Pass.DrawFrom + row + 1;
                if (position - task.PromptTokens >= task.Draws!.Tokens.Count)
                    return;
                int token = task.Draws.Tokens[position - task.PromptTokens];
                if (!asked.Contains(pass.Chunk.Index))
                {
                    draws!.Skip(token);
                    continue;
                }

                drawn++;
                if (draws!.Check(logits.Bytes.Span.Slice(row * rowBytes, rowBytes), position, token) is { } gap && gaps.Count < AuditReport.MaxGaps)
                    gaps.Add(gap);
            }
        }
    }
}
