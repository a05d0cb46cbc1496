using k8s;
using k8s.Models;
using Orchestrator.Controller.Options;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Desired;

/// <summary>Everything in the cluster that a model wants. Made from the model and the configuration alone.</summary>
/// <param name="ServiceAccount">Who the workers are.</param>
/// <param name="Service">Gives each worker a DNS name.</param>
/// <param name="Workloads">One per stage, in order.</param>
/// <param name="Budgets">One per stage, in order.</param>
public sealed record DesiredState(
    V1ServiceAccount ServiceAccount, V1Service Service, IReadOnlyList<V1StatefulSet> Workloads, IReadOnlyList<V1PodDisruptionBudget> Budgets)
{
    /// <summary>Port of the data plane.</summary>
    public const int DataPort = 7443;

    /// <summary>Port of the stream API.</summary>
    public const int StreamPort = 7444;

    /// <summary>Port of <c>/healthz</c> and <c>/readyz</c>.</summary>
    public const int HealthPort = 8080;

    /// <summary>Port of the metrics.</summary>
    public const int MetricsPort = 9464;

    /// <summary>All of it, what others need first.</summary>
    public IReadOnlyList<(ResourceKind Kind, IKubernetesObject<V1ObjectMeta> Body)> All =>
    [
        (Kinds.ServiceAccounts, ServiceAccount),
        (Kinds.Services, Service),
        .. Budgets.Select(b => (Kinds.DisruptionBudgets, (IKubernetesObject<V1ObjectMeta>)b)),
        .. Workloads.Select(w => (Kinds.StatefulSets, (IKubernetesObject<V1ObjectMeta>)w)),
    ];

    /// <summary>What a model wants.</summary>
    public static DesiredState Of(InferenceModel model, ResourceProfile profile, WorkerTemplate template)
    {
        var stages = Enumerable.Range(0, model.Spec.Sharding.Stages).ToList();
        return new(
            new V1ServiceAccount { ApiVersion = "v1", Kind = Kinds.ServiceAccounts.Kind, Metadata = Meta(model, ChildNames.Shared(model)), AutomountServiceAccountToken = false },
            ServiceOf(model),
            [.. stages.Select(stage => WorkloadBuilder.Build(model, stage, profile, template))],
            [.. stages.Select(stage => BudgetOf(model, stage))]);
    }

    /// <summary>Name, labels and owner of an object that belongs to a model.</summary>
    internal static V1ObjectMeta Meta(InferenceModel model, string name, int? stage = null) => new()
    {
        Name = name,
        NamespaceProperty = model.Metadata.NamespaceProperty,
        Labels = stage is { } number ? WorkerLabels.Of(model, number) : WorkerLabels.Of(model),
        OwnerReferences =
        [
            new V1OwnerReference { ApiVersion = Kinds.Models.ApiVersion, Kind = Kinds.Models.Kind, Name = model.Metadata.Name, Uid = model.Metadata.Uid, Controller = true },
        ],
    };

    private static V1Service ServiceOf(InferenceModel model) => new()
    {
        ApiVersion = "v1",
        Kind = Kinds.Services.Kind,
        Metadata = Meta(model, ChildNames.Shared(model)),
        Spec = new V1ServiceSpec
        {
            ClusterIP = "None",
            // Peers and the controller must find a worker before it is ready: it becomes ready through them.
            PublishNotReadyAddresses = true,
            Selector = WorkerLabels.Selector(model),
            Ports = [Port("data", DataPort), Port("streams", StreamPort)],
        },
    };

    private static V1ServicePort Port(string name, int port) => new() { Name = name, Port = port, TargetPort = name, Protocol = "TCP" };

    private static V1PodDisruptionBudget BudgetOf(InferenceModel model, int stage) => new()
    {
        ApiVersion = Kinds.DisruptionBudgets.ApiVersion,
        Kind = Kinds.DisruptionBudgets.Kind,
        Metadata = Meta(model, ChildNames.Workload(model, stage), stage),
        Spec = new V1PodDisruptionBudgetSpec
        {
            // One at a time, and with a single replica that one: a drain must be able to end.
            MaxUnavailable = 1,
            UnhealthyPodEvictionPolicy = "AlwaysAllow",
            Selector = new V1LabelSelector { MatchLabels = WorkerLabels.Selector(model, stage) },
        },
    };
}
