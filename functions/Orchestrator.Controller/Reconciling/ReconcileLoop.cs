using Microsoft.Extensions.Logging;
using Orchestrator.Controller.Cluster;
using Orchestrator.Controller.Diagnostics;
using Orchestrator.Controller.Queue;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Reconciling;

/// <summary>Takes models from the queue, a few at a time, until told to stop; those under way are finished.</summary>
public sealed class ReconcileLoop(WorkQueue queue, Reconciler reconciler, int parallel, TimeProvider time, ILogger<ReconcileLoop> log)
{
    /// <summary>Runs.</summary>
    /// <param name="stop">Takes no further models.</param>
    /// <param name="abort">Breaks off what is under way.</param>
    public Task RunAsync(CancellationToken stop, CancellationToken abort) => Task.WhenAll(Enumerable.Range(0, parallel).Select(_ => WorkAsync(stop, abort)));

    private async Task WorkAsync(CancellationToken stop, CancellationToken abort)
    {
        while (!stop.IsCancellationRequested)
        {
            ObjectKey key;
            try
            {
                key = await queue.TakeAsync(stop);
            }
            catch (OperationCanceledException) when (stop.IsCancellationRequested)
            {
                return;
            }

            await OneAsync(key, abort);
        }
    }

    private async Task OneAsync(ObjectKey key, CancellationToken abort)
    {
        long start = time.GetTimestamp();
        string? error = null;
        try
        {
            var outcome = await reconciler.ReconcileAsync(key, abort);
            error = outcome?.Problem?.Reason;
            if (error is null)
                queue.Done(key, outcome?.Again);
            else
                queue.Failed(key);
        }
        catch (OperationCanceledException) when (abort.IsCancellationRequested)
        {
            queue.Done(key, null);
        }
        catch (ClusterException e) when (e.IsConflict)
        {
            // The store is behind; its next event brings what won.
            error = "Conflict";
            queue.Failed(key);
        }
        catch (Exception e) when (e is ClusterException or HttpRequestException)
        {
            error = "ClusterUnreachable";
            log.Unreachable($"{key}", e.Message);
            queue.Failed(key);
        }
#pragma warning disable CA1031 // One broken model must not stop the others.
        catch (Exception e)
#pragma warning restore CA1031
        {
            error = "Bug";
            log.Broke(e, $"{key}");
            queue.Failed(key);
        }

        ControllerMeter.Reconciled(time.GetElapsedTime(start), error);
    }
}
