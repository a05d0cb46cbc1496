using System.Text.Json.Nodes;
using Orchestrator.Contracts;
using Orchestrator.Controller.Reconciling;
using Orchestrator.Controller.Resources;
using Orchestrator.TestKit;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>The StatefulSet controller, the scheduler and the kubelets of a fake cluster: one step when a test asks for it. Also answers which node a pod is.</summary>
internal sealed class FakeWorkloads(FakeCluster cluster) : INodeProbe
{
    private readonly Lock gate = new();
    private readonly Dictionary<string, string> podByAddress = [];

    /// <summary>Machine that pods are put on.</summary>
    public string Machine { get; set; } = "gpu-1";

    /// <summary>The node that a pod's disk makes it.</summary>
    public static NodeId NodeOf(string pod) => Some.Node(1 + Math.Abs(pod.Aggregate(17, (hash, c) => unchecked((hash * 31) + c)) % 1_000_000));

    /// <summary>Makes and removes pods as the StatefulSets want, runs them, and reports.</summary>
    public void Step(string ns = World.Namespace)
    {
        foreach (var set in cluster.List(Kinds.StatefulSets, ns).Items)
        {
            string name = set["metadata"]!["name"]!.GetValue<string>();
            int wanted = set["spec"]!["replicas"]!.GetValue<int>();
            var pods = cluster.List(Kinds.Pods, ns).Items.Where(p => p["metadata"]!["ownerReferences"]![0]!["uid"]!.GetValue<string>() == set["metadata"]!["uid"]!.GetValue<string>())
                .Select(p => p["metadata"]!["name"]!.GetValue<string>()).ToHashSet();
            foreach (string surplus in pods.Where(p => int.Parse(p[(p.LastIndexOf('-') + 1)..]) >= wanted))
                cluster.Delete(new Place(Kinds.Pods, ns, surplus));
            for (int i = 0; i < wanted; i++)
            {
                if (!pods.Contains($"{name}-{i}"))
                    Run(set, $"{name}-{i}", i, ns);
            }

            cluster.Edit(Kinds.StatefulSets, ns, name, "kube-controller-manager", s => s["status"] = new JsonObject
            {
                ["observedGeneration"] = s["metadata"]!["generation"]!.DeepClone(),
                ["replicas"] = wanted,
                ["readyReplicas"] = wanted,
                ["updatedReplicas"] = wanted,
            });
        }
    }

    public Task<NodeId?> ReadAsync(string address, CancellationToken cancel)
    {
        lock (gate)
            return Task.FromResult<NodeId?>(podByAddress.TryGetValue(address, out string? pod) ? NodeOf(pod) : null);
    }

    private void Run(JsonObject set, string name, int index, string ns)
    {
        string address;
        lock (gate)
        {
            address = $"10.0.0.{podByAddress.Count + 1}";
            podByAddress[address] = name;
        }

        var template = set["spec"]!["template"]!.DeepClone().AsObject();
        var labels = template["metadata"]!["labels"]!.DeepClone().AsObject();
        labels["apps.kubernetes.io/pod-index"] = $"{index}";
        cluster.Create(Kinds.Pods, ns, new JsonObject
        {
            ["metadata"] = new JsonObject
            {
                ["name"] = name,
                ["labels"] = labels,
                ["ownerReferences"] = new JsonArray(new JsonObject
                {
                    ["apiVersion"] = "apps/v1",
                    ["kind"] = "StatefulSet",
                    ["name"] = set["metadata"]!["name"]!.DeepClone(),
                    ["uid"] = set["metadata"]!["uid"]!.DeepClone(),
                    ["controller"] = true,
                }),
            },
            ["spec"] = template["spec"]!.DeepClone(),
        }, "kube-controller-manager");
        cluster.Edit(Kinds.Pods, ns, name, "kubelet", pod =>
        {
            pod["spec"]!["nodeName"] = Machine;
            pod["status"] = new JsonObject { ["phase"] = "Running", ["podIP"] = address };
        });
    }
}
