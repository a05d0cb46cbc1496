using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>
/// Forgets jobs that ended long ago, with their prompts and answers, and the audits, disputes, webhooks and bonds of that time. Receipts stay in the blob store until <see cref="Blobs.BlobSweeper"/> finds them too old.
/// Several replicas may sweep at once: only what has ended is forgotten, and what another has forgotten already is passed over.
/// </summary>
public sealed partial class JobRetention(IWorkflowClient workflows, ControlPlaneOptions options, TimeProvider time, ILogger<JobRetention> log) : BackgroundService
{
    private const int AtOnce = 1_000;
    private static readonly TimeSpan Interval = TimeSpan.FromMinutes(10);
    private static readonly WorkflowStatus[] Finished = [WorkflowStatus.Completed, WorkflowStatus.Failed, WorkflowStatus.Terminated];

    /// <summary>Forgets what is due now; how many workflows that were.</summary>
    public async Task<int> SweepAsync(CancellationToken cancel)
    {
        var due = new WorkflowQuery { Statuses = Finished, UpdatedBefore = time.GetUtcNow() - options.JobRetention, Limit = AtOnce };
        List<string> ids = [];
        await foreach (var state in workflows.ListAsync(due, cancel))
            ids.Add(state.InstanceId);
        int purged = 0;
        foreach (string id in ids)
            purged += await workflows.PurgeAsync(id, cancel) ? 1 : 0;
        return purged;
    }

    /// <inheritdoc />
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // A host that fails to start cancels this before its lifetime says that it stops, and would report an exception as a fault.
        while (await NextAsync(stoppingToken))
        {
            try
            {
                int count = await SweepAsync(stoppingToken);
                Forgot(log, count);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception e)
            {
                NotNow(log, e);
            }
        }
    }

    private async Task<bool> NextAsync(CancellationToken stop)
    {
        await Task.Delay(Interval, time, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        return !stop.IsCancellationRequested;
    }

    [LoggerMessage(EventId = 56, Level = LogLevel.Debug, Message = "{Count} old workflows were forgotten")]
    private static partial void Forgot(ILogger log, int count);

    [LoggerMessage(EventId = 57, Level = LogLevel.Warning, Message = "Old jobs could not be forgotten now")]
    private static partial void NotNow(ILogger log, Exception exception);
}
