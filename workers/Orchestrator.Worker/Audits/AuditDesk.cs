using Orchestrator.Contracts;
using Orchestrator.Verification;
using Orchestrator.Worker.Platform;
using Orchestrator.Worker.Shards;

namespace Orchestrator.Worker.Audits;

/// <summary>Does <see cref="AuditTask"/>s: fetches the inputs, runs them on the shard between its sessions, reports.</summary>
public sealed class AuditDesk(
    SigningKey key,
    ExecutionClass executionClass,
    ShardKeeper shards,
    MemoryBudget memory,
    BlobCache blobs,
    TaskDesk desk,
    Outbox outbox,
    TimeProvider time,
    ILogger<AuditDesk> log)
{
    /// <summary>Takes a task the platform signed; what is wrong with it, or null.</summary>
    public string? Take(AuditTask task)
    {
        if (task.Node != key.Node)
            return "it is for another node";
        return AuditChecks.Problem(task) ?? desk.Take(task.Audit.Value, task.ExpiresAt, cancel => DoAsync(task, cancel));
    }

    private async Task DoAsync(AuditTask task, CancellationToken cancel)
    {
        AuditReport report;
        try
        {
            report = await RunAsync(task, cancel);
            log.Audited(task.Audit.Value, task.Stage, report.Chunks.Count, report.Gaps.Count);
        }
        catch (Exception e) when (!cancel.IsCancellationRequested)
        {
            log.AuditFailed(task.Audit.Value, task.Stage, e);
            string message = e.Message.Length > 500 ? e.Message[..500] : e.Message;
            var failure = new ChainFailure(e is InsufficientMemoryException ? FailureCodes.Refused : FailureCodes.Internal, message, task.Stage);
            report = new AuditReport(AuditReport.CurrentSchema, key.Node, task.Audit, executionClass, task.Mode, [], 0, [], 0, failure, time.GetUtcNow());
        }

        await outbox.PublishAsync(Topics.Audits, MessageSigning.Seal(MessageTypes.AuditReport, report, ContractsJson.Default.AuditReport, key), task.ExpiresAt, cancel);
    }

    private async Task<AuditReport> RunAsync(AuditTask task, CancellationToken cancel)
    {
        using var inputs = await blobs.HoldAsync(task.Inputs, task.InputBytes, cancel);
        var shard = await shards.BorrowAsync(task.Manifest, task.Stage, cancel);
        try
        {
            if (task.Tokens > shard.Model.ContextLength)
                throw new InvalidDataException($"{task.Tokens} tokens do not fit the model's context of {shard.Model.ContextLength}.");
            long bytes = shard.Engine.SessionBytes(task.Tokens);
            if (!memory.TryTake(bytes))
                throw new InsufficientMemoryException($"The audit needs {bytes} bytes of the node's memory, which are not free now.");
            try
            {
                await using var file = File.OpenRead(inputs.Path);
                using var run = new AuditRun(task, shard.Model, shard.Engine, file, time);
                var passes = new AuditPasses(run, cancel);
                shard.Executor.Schedule(passes);
                await passes.Done;
                return run.Report(key.Node, shard.Class, time.GetUtcNow());
            }
            finally
            {
                memory.Return(bytes);
            }
        }
        finally
        {
            shard.Release();
        }
    }
}
