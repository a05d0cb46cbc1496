using k8s;
using k8s.Models;
using Microsoft.Extensions.Logging;
using Orchestrator.Controller.Cluster;
using Orchestrator.Controller.Desired;
using Orchestrator.Controller.Diagnostics;
using Orchestrator.Controller.Options;
using Orchestrator.Controller.Queue;
using Orchestrator.Controller.Reconciling;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Hosting;

/// <summary>What the leader does: watches, queues, reconciles. Made anew for each term.</summary>
public sealed class Leader(Services services, ControllerOptions options, Func<double> random, TimeProvider time, ILoggerFactory logs)
{
    /// <summary>Leads until told to stop; then finishes what is under way, at most for the grace, or breaks it off when the lease is lost.</summary>
    public async Task RunAsync(CancellationToken stop, CancellationToken lost)
    {
        var view = new ClusterView();
        var backoff = new Backoff(options.Pace.FirstBackoff, options.Pace.LongestBackoff, random);
        var queue = new WorkQueue(options.Pace.Debounce, backoff, time);
        Triggers.Connect(view, queue);
        ControllerMeter.Observe(() => queue.Depth);
        using var watching = new CancellationTokenSource();
        using var abort = CancellationTokenSource.CreateLinkedTokenSource(lost);
        IReadOnlyList<string> namespaces = options.WatchNamespaces.Count > 0 ? options.WatchNamespaces : [options.Namespace];
        var reflectors = namespaces.SelectMany(ns => Reflectors(view, ns, backoff)).Select(r => (r.Synced, Run: r.Run(watching.Token))).ToList();
        try
        {
            // Not before everything is known: what is missing in a half-filled view would look deleted.
            await Task.WhenAll(reflectors.Select(r => r.Synced)).WaitAsync(stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            var loop = new ReconcileLoop(queue, services.Reconciler(view), options.Pace.Parallel, time, logs.CreateLogger<ReconcileLoop>());
            var working = loop.RunAsync(stop, abort.Token);
            await Task.WhenAny(working, Task.Delay(Timeout.InfiniteTimeSpan, time, stop));
            await working.WaitAsync(options.Pace.StopGrace, time, lost).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            await abort.CancelAsync();
            await working;
        }
        finally
        {
            await watching.CancelAsync();
            await Task.WhenAll(reflectors.Select(r => r.Run));
            ControllerMeter.Observe(() => 0);
        }
    }

    private IEnumerable<(Task Synced, Func<CancellationToken, Task> Run)> Reflectors(ClusterView view, string ns, Backoff backoff)
    {
        (Task, Func<CancellationToken, Task>) Of<T>(ResourceKind kind, string selector, Store<T> store)
            where T : class, IKubernetesObject<V1ObjectMeta>
        {
            var reflector = new Reflector<T>(services.Cluster, kind, ns, selector, store, options.Pace.WatchTimeout, backoff, time, logs.CreateLogger("Orchestrator.Controller.Watch"));
            return (reflector.Synced, reflector.RunAsync);
        }

        yield return Of(Kinds.Models, "", view.Models);
        yield return Of(Kinds.StatefulSets, WorkerLabels.ManagedBy, view.Workloads);
        yield return Of(Kinds.DisruptionBudgets, WorkerLabels.ManagedBy, view.Budgets);
        yield return Of(Kinds.Services, WorkerLabels.ManagedBy, view.Services);
        yield return Of(Kinds.ServiceAccounts, WorkerLabels.ManagedBy, view.ServiceAccounts);
        yield return Of(Kinds.Pods, WorkerLabels.ManagedBy, view.Pods);
    }
}
