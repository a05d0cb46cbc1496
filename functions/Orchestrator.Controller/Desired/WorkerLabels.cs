using System.Globalization;
using k8s;
using k8s.Models;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Desired;

/// <summary>Labels and annotations by which the controller finds what it made.</summary>
public static class WorkerLabels
{
    /// <summary>Name of the model that an object belongs to.</summary>
    public const string Model = Kinds.Group + "/model";

    /// <summary>Stage that a workload runs.</summary>
    public const string Stage = Kinds.Group + "/stage";

    /// <summary>Annotation of a pod: <see cref="Contracts.GpuLabels"/> of the machine it runs on.</summary>
    public const string GpuLabels = Kinds.Group + "/gpu-labels";

    /// <summary>Annotation of a model with the value <c>"true"</c>: let it go without telling the platform.</summary>
    public const string Abandon = Kinds.Group + "/abandon";

    /// <summary>Set by Kubernetes: a pod's number within its StatefulSet.</summary>
    public const string PodIndex = "apps.kubernetes.io/pod-index";

    /// <summary>Who makes the objects; the part of the labels that watches select by.</summary>
    public const string ManagedBy = "app.kubernetes.io/managed-by=" + Manager;

    private const string Manager = "orchestrator-controller";

    /// <summary>Labels of everything that belongs to a model.</summary>
    public static Dictionary<string, string> Of(InferenceModel model) => new()
    {
        ["app.kubernetes.io/name"] = "orchestrator-worker",
        ["app.kubernetes.io/part-of"] = "orchestrator",
        ["app.kubernetes.io/managed-by"] = Manager,
        [Model] = model.Metadata.Name,
    };

    /// <summary>Labels of everything that belongs to one stage.</summary>
    public static Dictionary<string, string> Of(InferenceModel model, int stage)
    {
        var labels = Of(model);
        labels[Stage] = stage.ToString(CultureInfo.InvariantCulture);
        return labels;
    }

    /// <summary>The few labels that select the workers of a model, or of a stage; they can never change.</summary>
    public static Dictionary<string, string> Selector(InferenceModel model, int? stage = null)
    {
        var labels = stage is { } number ? Of(model, number) : Of(model);
        return labels.Where(l => l.Key.StartsWith(Kinds.Group, StringComparison.Ordinal)).ToDictionary();
    }

    /// <summary>The model that an object's labels name; null for none.</summary>
    public static ObjectKey? ModelOf(IKubernetesObject<V1ObjectMeta> item) =>
        item.Metadata.Labels is { } labels && labels.TryGetValue(Model, out string? name) ? new ObjectKey(item.Metadata.NamespaceProperty, name) : null;

    /// <summary>The number of a pod within its StatefulSet; null when its name is not of that form.</summary>
    public static int? Ordinal(string pod) =>
        int.TryParse(pod.AsSpan(pod.LastIndexOf('-') + 1), NumberStyles.None, CultureInfo.InvariantCulture, out int ordinal) ? ordinal : null;
}
