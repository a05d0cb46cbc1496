using System.Collections.Concurrent;
using k8s.Models;
using Orchestrator.Contracts;
using Orchestrator.Controller.Desired;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Reconciling;

/// <summary>Which node each pod is: asked once per pod, remembered in the model's status while a pod is away.</summary>
public sealed class NodeDirectory(INodeProbe probe)
{
    private const int ProbesAtATime = 16;
    private const int MostKept = 8192;

    private readonly ConcurrentDictionary<string, NodeId> byPod = new();

    /// <summary>Nodes of every stage, of the replicas that are wanted.</summary>
    /// <param name="model">The model, with its last status.</param>
    /// <param name="pods">Its pods by name.</param>
    /// <param name="lasting">Whether a pod that comes back is the same node.</param>
    /// <param name="cancel">Ends it.</param>
    public async Task<IReadOnlyList<IReadOnlyList<PodNode>>> ResolveAsync(InferenceModel model, IReadOnlyDictionary<string, V1Pod> pods, bool lasting, CancellationToken cancel)
    {
        if (byPod.Count > MostKept)
            byPod.Clear();
        var unknown = pods.Values.Where(p => AddressOf(p) is not null && !byPod.ContainsKey(p.Metadata.Uid));
        await Parallel.ForEachAsync(unknown, new ParallelOptions { MaxDegreeOfParallelism = ProbesAtATime, CancellationToken = cancel }, async (pod, stop) =>
        {
            if (await probe.ReadAsync(AddressOf(pod)!, stop) is { } node)
                byPod[pod.Metadata.Uid] = node;
        });
        var before = (model.Status?.Shards ?? []).SelectMany(s => s.Nodes).GroupBy(n => n.Pod).ToDictionary(g => g.Key, g => g.First().Node);
        return [.. Enumerable.Range(0, model.Spec.Sharding.Stages).Select(stage => Of(model, stage, pods, lasting ? before : []))];
    }

    private List<PodNode> Of(InferenceModel model, int stage, IReadOnlyDictionary<string, V1Pod> pods, Dictionary<string, string> before) =>
    [
        .. Enumerable.Range(0, model.Spec.Replicas)
            .Select(replica => ChildNames.Pod(model, stage, replica))
            .Select(name => (Name: name, Node: pods.TryGetValue(name, out var pod) && byPod.TryGetValue(pod.Metadata.Uid, out var node) ? node.Value : before.GetValueOrDefault(name)))
            .Where(n => n.Node is not null)
            .Select(n => new PodNode { Pod = n.Name, Node = n.Node! }),
    ];

    // Not only ready pods: a worker may become ready through its placement.
    private static string? AddressOf(V1Pod pod) =>
        pod.Metadata.DeletionTimestamp is null && pod.Status is { Phase: "Running", PodIP.Length: > 0 } ? pod.Status.PodIP : null;
}
