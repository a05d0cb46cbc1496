using Orchestrator.Worker.Shards;

namespace Orchestrator.Worker.Audits;

/// <summary>An audit on a shard's executor: one pass per turn, so that sessions wait for one pass at most.</summary>
public sealed class AuditPasses(AuditRun run, CancellationToken cancel) : IExecutable
{
    private readonly TaskCompletionSource done = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Completes with the audit.</summary>
    public Task Done => done.Task;

    /// <inheritdoc />
    public bool IsShort => false;

    /// <inheritdoc />
    public bool RunNext()
    {
        try
        {
            cancel.ThrowIfCancellationRequested();
            if (run.Step())
                return true;
            done.TrySetResult();
        }
        catch (OperationCanceledException)
        {
            done.TrySetCanceled(cancel);
        }
        catch (Exception e)
        {
            done.TrySetException(e);
        }

        return false;
    }
}
