using k8s;
using k8s.Models;
using Orchestrator.Controller.Cluster;
using Orchestrator.Controller.Queue;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Reconciling;

/// <summary>Which changes in the cluster want a reconciliation. The controller's own status writes do not: they would feed themselves.</summary>
public static class Triggers
{
    /// <summary>Connects the view to the queue.</summary>
    public static void Connect(ClusterView view, WorkQueue queue)
    {
        view.Models.Changed += (key, before, after) =>
        {
            if (before is null || after is null || Changed(before, after))
                queue.Add(key, fresh: true);
        };
        Connect(view.Workloads, queue);
        Connect(view.Budgets, queue);
        Connect(view.Services, queue);
        Connect(view.ServiceAccounts, queue);
        Connect(view.Pods, queue);
    }

    private static bool Changed(InferenceModel before, InferenceModel after) =>
        before.Metadata.Uid != after.Metadata.Uid
        || before.Metadata.Generation != after.Metadata.Generation
        || before.Metadata.DeletionTimestamp != after.Metadata.DeletionTimestamp
        || !Same(before.Metadata.Annotations, after.Metadata.Annotations);

    private static bool Same(IDictionary<string, string>? before, IDictionary<string, string>? after) =>
        (before?.Count ?? 0) == (after?.Count ?? 0) && (before ?? new Dictionary<string, string>()).All(a => after!.TryGetValue(a.Key, out string? value) && value == a.Value);

    private static void Connect<T>(Store<T> store, WorkQueue queue)
        where T : class, IKubernetesObject<V1ObjectMeta> =>
        store.Changed += (key, _, _) => queue.Add(key);
}
