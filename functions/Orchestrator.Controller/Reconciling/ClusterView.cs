using k8s;
using k8s.Models;
using Orchestrator.Controller.Cluster;
using Orchestrator.Controller.Desired;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Reconciling;

/// <summary>Everything of the cluster that the controller knows, kept by watches.</summary>
public sealed class ClusterView
{
    /// <summary>Models.</summary>
    public Store<InferenceModel> Models { get; } = new(m => m.Key());

    /// <summary>Workers of shards.</summary>
    public Store<V1StatefulSet> Workloads { get; } = new(WorkerLabels.ModelOf);

    /// <summary>Limits of disruption.</summary>
    public Store<V1PodDisruptionBudget> Budgets { get; } = new(WorkerLabels.ModelOf);

    /// <summary>DNS names.</summary>
    public Store<V1Service> Services { get; } = new(WorkerLabels.ModelOf);

    /// <summary>Identities.</summary>
    public Store<V1ServiceAccount> ServiceAccounts { get; } = new(WorkerLabels.ModelOf);

    /// <summary>Workers.</summary>
    public Store<V1Pod> Pods { get; } = new(WorkerLabels.ModelOf);

    /// <summary>What the controller made for a model.</summary>
    public IEnumerable<(ResourceKind Kind, IKubernetesObject<V1ObjectMeta> Item)> Children(ObjectKey model) =>
    [
        .. Workloads.Of(model).Values.Select(i => (Kinds.StatefulSets, (IKubernetesObject<V1ObjectMeta>)i)),
        .. Budgets.Of(model).Values.Select(i => (Kinds.DisruptionBudgets, (IKubernetesObject<V1ObjectMeta>)i)),
        .. Services.Of(model).Values.Select(i => (Kinds.Services, (IKubernetesObject<V1ObjectMeta>)i)),
        .. ServiceAccounts.Of(model).Values.Select(i => (Kinds.ServiceAccounts, (IKubernetesObject<V1ObjectMeta>)i)),
    ];
}
