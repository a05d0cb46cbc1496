using k8s.Models;
using Orchestrator.Contracts;
using Orchestrator.Controller.Cluster;
using Orchestrator.Controller.Desired;
using Orchestrator.Controller.Options;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Reconciling;

/// <summary>Tells pods what their machine's GPU labels are: a pod may not read its node, and the downward API does not know its labels.</summary>
public sealed class GpuAnnotator(ClusterClient cluster)
{
    /// <summary>Annotates pods that have a machine and no annotation yet.</summary>
    public async Task AnnotateAsync(IEnumerable<V1Pod> pods, GpuRequest gpu, CancellationToken cancel)
    {
        foreach (var pod in pods.Where(NeedsLabels))
        {
            var node = await cluster.GetAsync<V1Node>(Kinds.Nodes, null, pod.Spec.NodeName, cancel);
            if (node is null)
                continue;
            string labels = GpuLabels.Select(node.Metadata.Labels ?? new Dictionary<string, string>(), gpu.Resource);
            try
            {
                await cluster.ApplyAsync<V1Pod>(Kinds.Pods, pod.Metadata.NamespaceProperty, pod.Metadata.Name, Annotation(pod, labels), cancel);
            }
            catch (ClusterException e) when (e.IsConflict || e.Code == 404)
            {
                // The pod is gone, or another has its name: its own event comes.
            }
        }
    }

    private static bool NeedsLabels(V1Pod pod) =>
        pod.Spec?.NodeName is { Length: > 0 }
        && pod.Metadata.DeletionTimestamp is null
        && pod.Metadata.Annotations?.ContainsKey(WorkerLabels.GpuLabels) != true;

    // With its uid: an apply to a pod that is gone must not make one.
    private static V1Pod Annotation(V1Pod pod, string labels) => new()
    {
        ApiVersion = "v1",
        Kind = Kinds.Pods.Kind,
        Metadata = new V1ObjectMeta
        {
            Name = pod.Metadata.Name,
            NamespaceProperty = pod.Metadata.NamespaceProperty,
            Uid = pod.Metadata.Uid,
            Annotations = new Dictionary<string, string> { [WorkerLabels.GpuLabels] = labels },
        },
    };
}
