using System.Globalization;
using k8s.Models;
using Orchestrator.Controller.Options;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Desired;

/// <summary>Environment of a worker. Every pod of a stage has the same; what differs is expanded by the kubelet.</summary>
internal static class WorkerEnvironment
{
    public const string StateFolder = "/var/lib/orchestrator";
    public const string GpuLabelsFolder = "/etc/orchestrator/gpu";
    public const string GpuLabelsName = "labels";

    /// <summary>What the template must bring: no sidecar can be the bus here, as its app-id would have to be a node's id before there is a node.</summary>
    public const string GatewayUrl = "Worker__GatewayUrl";

    private const string PodName = "POD_NAME";
    private const string Replica = "REPLICA";

    /// <summary>Names that the controller sets; the template must not.</summary>
    public static bool IsOwn(string name) => name is PodName or Replica || Own.Contains(name);

    private static readonly HashSet<string> Own =
    [
        "Worker__KeyFile", "Worker__CacheFolder", "Worker__CacheBytes", "Worker__EvidenceFolder", "Worker__EvidenceBytes", "Worker__Host", "Worker__Region",
        "Worker__PlatformKey", "Worker__DataPort", "Worker__StreamPort", "Worker__AdvertiseAddress", "Worker__MemoryBytes", "Worker__MaxSessions", "Worker__Threads",
        "Worker__PricePerLayerToken", "Worker__DrainGrace", "Worker__HealthPort", "Worker__GpuLabelsFile", "Worker__AllowSharedGpu", "Telemetry__MetricsPort",
    ];

    public static IList<V1EnvVar> Of(InferenceModel model, ResourceProfile profile, WorkerTemplate template)
    {
        long disk = new ResourceQuantity(profile.Storage.Size).ToInt64();
        long cache = disk / 100 * profile.Storage.CachePercent;
        List<V1EnvVar> all =
        [
            Field(PodName, "metadata.name"),
            Field(Replica, $"metadata.labels['{WorkerLabels.PodIndex}']"),
            Text("Worker__KeyFile", $"{StateFolder}/node.key"),
            Text("Worker__CacheFolder", $"{StateFolder}/cache"),
            Number("Worker__CacheBytes", cache),
            Text("Worker__EvidenceFolder", $"{StateFolder}/evidence"),
            // A tenth stays free: key, downloads under way and what the file system itself needs.
            Number("Worker__EvidenceBytes", disk - cache - (disk / 10)),
            Text("Worker__Host", $"{template.HostAccount}-$({Replica})"),
            Text("Worker__Region", template.Region),
            Text("Worker__PlatformKey", template.PlatformKey),
            Number("Worker__DataPort", DesiredState.DataPort),
            Number("Worker__StreamPort", DesiredState.StreamPort),
            Number("Worker__HealthPort", DesiredState.HealthPort),
            Text("Worker__AdvertiseAddress", $"$({PodName}).{ChildNames.Shared(model)}.{model.Metadata.NamespaceProperty}.svc.{template.ClusterDomain}"),
            Number("Worker__MemoryBytes", profile.ModelMemoryBytes),
            Number("Worker__MaxSessions", profile.MaxSessions),
            Number("Worker__Threads", profile.Threads),
            Number("Worker__PricePerLayerToken", profile.PricePerLayerToken),
            Text("Worker__DrainGrace", template.DrainGrace.ToString("c", CultureInfo.InvariantCulture)),
            Number("Telemetry__MetricsPort", DesiredState.MetricsPort),
        ];
        if (profile.Gpu is { } gpu)
        {
            all.Add(Text("Worker__GpuLabelsFile", $"{GpuLabelsFolder}/{GpuLabelsName}"));
            if (gpu.AllowShared)
                all.Add(Text("Worker__AllowSharedGpu", "true"));
        }

        all.AddRange(template.Environment.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => Text(e.Key, e.Value)));
        return all;
    }

    private static V1EnvVar Text(string name, string value) => new() { Name = name, Value = value };

    private static V1EnvVar Number(string name, long value) => Text(name, value.ToString(CultureInfo.InvariantCulture));

    private static V1EnvVar Field(string name, string path) =>
        new() { Name = name, ValueFrom = new V1EnvVarSource { FieldRef = new V1ObjectFieldSelector { ApiVersion = "v1", FieldPath = path } } };
}
