using Orchestrator.Contracts;
using Orchestrator.Disputes.Referees;
using Orchestrator.Disputes.Traces;
using Orchestrator.Verification;
using Orchestrator.Worker.Audits;
using Orchestrator.Worker.Platform;
using Orchestrator.Worker.Shards;

namespace Orchestrator.Worker.Disputes;

/// <summary>Does <see cref="RefereeTask"/>s: reads the shard and the evidence, judges, reports. Only a node that is started as a referee has one.</summary>
public sealed class RefereeDesk(
    SigningKey key,
    IModelRuntime runtime,
    Func<ExecutionClass> executionClass,
    ModelFiles files,
    MemoryBudget memory,
    BlobCache blobs,
    TaskDesk desk,
    Outbox outbox,
    TimeProvider time,
    ILogger<RefereeDesk> log)
{
    /// <summary>Takes a task the platform signed; what is wrong with it, or null.</summary>
    public string? Take(RefereeTask task)
    {
        if (task.Node != key.Node)
            return "it is for another node";
        return DisputeChecks.Problem(task) ?? desk.Take($"{task.Dispute}.{task.Question}.{task.Attempt}", task.ExpiresAt, cancel => DoAsync(task, cancel));
    }

    private async Task DoAsync(RefereeTask task, CancellationToken cancel)
    {
        long began = time.GetTimestamp();
        Judgement judgement;
        try
        {
            judgement = await JudgeAsync(task, cancel);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.CannotJudge(task.Dispute.Value, task.Stage, e);
            judgement = new(RefereeOutcome.CannotJudge, 0, null, e.Message.Length > RefereeVerdict.MaxReason ? e.Message[..RefereeVerdict.MaxReason] : e.Message);
        }

        log.Judged(task.Dispute.Value, judgement.Outcome, judgement.Reason);
        var verdict = new RefereeVerdict(
            RefereeVerdict.CurrentSchema, key.Node, task.Dispute, task.Attempt, task.Question, judgement.Outcome, judgement.StepsPerPass, judgement.Correct, executionClass(),
            judgement.Reason, (long)time.GetElapsedTime(began).TotalMicroseconds, time.GetUtcNow());
        await outbox.PublishAsync(Topics.Audits, MessageSigning.Seal(MessageTypes.RefereeVerdict, verdict, ContractsJson.Default.RefereeVerdict, key), task.ExpiresAt, cancel);
    }

    private async Task<Judgement> JudgeAsync(RefereeTask task, CancellationToken cancel)
    {
        // Steps and chunks are a matter of bits, which only the pinned class has: judged in another, an honest node would lose. Counting and draws are the same everywhere.
        if (task.Question is RefereeQuestion.Step or RefereeQuestion.Chunk && task.Class != executionClass())
            throw new InvalidDataException($"This referee runs in class {executionClass()}, the receipt in {task.Class}.");
        var model = await files.ManifestAsync(task.Manifest, task.Stage, cancel);
        // The parsed shard, and the one operator with its weights.
        long bytes = checked(2 * model.Stages[task.Stage].Bytes + 2 * task.EvidenceBytes);
        if (!memory.TryTake(bytes))
            throw new InsufficientMemoryException($"The referee needs {bytes} bytes of the node's memory, which are not free now.");
        try
        {
            using var shard = await files.ShardAsync(model, task.Stage, cancel);
            byte[] evidence = [];
            if (task.Evidence is { } named)
            {
                using var blob = await blobs.HoldAsync(named, task.EvidenceBytes, cancel);
                evidence = await File.ReadAllBytesAsync(blob.Path, cancel);
            }

            using var inputs = task.Inputs is { } received ? await blobs.HoldAsync(received, task.InputBytes, cancel) : null;
            var passes = inputs is null ? null : new InputFilePasses(() => File.OpenRead(inputs.Path), model.Stages[task.Stage], task.PromptTokens, task.Tokens);
            return await Task.Run(() => new Referee(new RefereeRun(runtime, shard.Path, model, task.Stage), new DrawReplay()).Judge(task, evidence, passes), cancel);
        }
        finally
        {
            memory.Return(bytes);
        }
    }
}
