using k8s.Models;
using Orchestrator.Controller.Options;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Desired;

/// <summary>The StatefulSet of one stage: its pods keep names and disks, and with them the node's key and its reputation.</summary>
internal static class WorkloadBuilder
{
    private const string State = "state";
    private const string Temporary = "tmp";
    private const string SharedMemory = "shm";
    private const string GpuLabels = "gpu-labels";
    private const long User = 65532;
    private const int ProbeSeconds = 10;
    private static readonly TimeSpan StopSlack = TimeSpan.FromSeconds(15);

    public static V1StatefulSet Build(InferenceModel model, int stage, ResourceProfile profile, WorkerTemplate template)
    {
        var pod = DesiredState.Meta(model, ChildNames.Workload(model, stage), stage);
        return new V1StatefulSet
        {
            ApiVersion = Kinds.StatefulSets.ApiVersion,
            Kind = Kinds.StatefulSets.Kind,
            Metadata = DesiredState.Meta(model, ChildNames.Workload(model, stage), stage),
            Spec = new V1StatefulSetSpec
            {
                Replicas = model.Spec.Replicas,
                ServiceName = ChildNames.Shared(model),
                PodManagementPolicy = "Parallel",
                RevisionHistoryLimit = 3,
                UpdateStrategy = new V1StatefulSetUpdateStrategy { Type = "RollingUpdate" },
                Selector = new V1LabelSelector { MatchLabels = WorkerLabels.Selector(model, stage) },
                Template = new V1PodTemplateSpec
                {
                    Metadata = new V1ObjectMeta
                    {
                        Labels = Merge(template.PodLabels, pod.Labels),
                        Annotations = template.PodAnnotations.Count == 0 ? null : template.PodAnnotations.ToDictionary(),
                    },
                    Spec = PodOf(model, stage, profile, template),
                },
                VolumeClaimTemplates = profile.Storage.Persistent ? [ClaimOf(profile.Storage)] : null,
                // Scaling down and up again brings the same nodes back.
                PersistentVolumeClaimRetentionPolicy = profile.Storage.Persistent
                    ? new V1StatefulSetPersistentVolumeClaimRetentionPolicy { WhenDeleted = "Delete", WhenScaled = "Retain" }
                    : null,
            },
        };
    }

    private static V1PodSpec PodOf(InferenceModel model, int stage, ResourceProfile profile, WorkerTemplate template) => new()
    {
        ServiceAccountName = ChildNames.Shared(model),
        AutomountServiceAccountToken = false,
        EnableServiceLinks = false,
        TerminationGracePeriodSeconds = (long)(template.DrainGrace + StopSlack).TotalSeconds,
        RuntimeClassName = NullIfEmpty(profile.RuntimeClass),
        PriorityClassName = NullIfEmpty(profile.PriorityClass),
        NodeSelector = profile.NodeSelector.Count == 0 ? null : profile.NodeSelector.ToDictionary(),
        Tolerations = profile.Tolerations.Count == 0 ? null : [.. profile.Tolerations.Select(t => new V1Toleration
        {
            Key = NullIfEmpty(t.Key),
            OperatorProperty = t.Operator,
            Value = NullIfEmpty(t.Value),
            Effect = NullIfEmpty(t.Effect),
        })],
        ImagePullSecrets = template.ImagePullSecrets.Count == 0 ? null : [.. template.ImagePullSecrets.Select(s => new V1LocalObjectReference { Name = s })],
        TopologySpreadConstraints =
        [
            new V1TopologySpreadConstraint
            {
                MaxSkew = 1,
                TopologyKey = "kubernetes.io/hostname",
                WhenUnsatisfiable = "ScheduleAnyway",
                LabelSelector = new V1LabelSelector { MatchLabels = WorkerLabels.Selector(model, stage) },
            },
        ],
        SecurityContext = new V1PodSecurityContext
        {
            RunAsNonRoot = true,
            RunAsUser = User,
            RunAsGroup = User,
            FsGroup = User,
            FsGroupChangePolicy = "OnRootMismatch",
            SeccompProfile = new V1SeccompProfile { Type = "RuntimeDefault" },
        },
        Containers = [ContainerOf(model, profile, template)],
        Volumes = Volumes(profile, template),
    };

    private static V1Container ContainerOf(InferenceModel model, ResourceProfile profile, WorkerTemplate template) => new()
    {
        Name = "worker",
        Image = profile.Gpu is null ? template.Image : template.GpuImage,
        ImagePullPolicy = template.ImagePullPolicy,
        Env = WorkerEnvironment.Of(model, profile, template),
        Ports =
        [
            Port("data", DesiredState.DataPort), Port("streams", DesiredState.StreamPort), Port("health", DesiredState.HealthPort), Port("metrics", DesiredState.MetricsPort),
        ],
        Resources = ResourcesOf(profile),
        SecurityContext = new V1SecurityContext
        {
            AllowPrivilegeEscalation = false,
            ReadOnlyRootFilesystem = true,
            Capabilities = new V1Capabilities { Drop = ["ALL"] },
        },
        StartupProbe = Probe("/healthz", (int)Math.Ceiling(template.StartLimit.TotalSeconds / ProbeSeconds)),
        LivenessProbe = Probe("/healthz", 6),
        ReadinessProbe = Probe("/readyz", 3),
        VolumeMounts = Mounts(profile, template),
    };

    private static V1ResourceRequirements ResourcesOf(ResourceProfile profile)
    {
        // No CPU limit: throttling a stage slows its whole chain.
        var requests = new Dictionary<string, ResourceQuantity> { ["cpu"] = new(profile.Cpu), ["memory"] = new(profile.Memory) };
        var limits = new Dictionary<string, ResourceQuantity> { ["memory"] = new(profile.Memory) };
        if (profile.Gpu is { } gpu)
            requests[gpu.Resource] = limits[gpu.Resource] = new ResourceQuantity($"{gpu.Count}");
        return new V1ResourceRequirements { Requests = requests, Limits = limits };
    }

    private static V1PersistentVolumeClaim ClaimOf(StorageRequest storage) => new()
    {
        ApiVersion = "v1",
        Kind = "PersistentVolumeClaim",
        Metadata = new V1ObjectMeta { Name = State },
        Spec = new V1PersistentVolumeClaimSpec
        {
            AccessModes = ["ReadWriteOnce"],
            StorageClassName = NullIfEmpty(storage.ClassName),
            VolumeMode = "Filesystem",
            Resources = new V1VolumeResourceRequirements { Requests = new Dictionary<string, ResourceQuantity> { ["storage"] = new(storage.Size) } },
        },
    };

    private static List<V1Volume> Volumes(ResourceProfile profile, WorkerTemplate template)
    {
        List<V1Volume> volumes = [Empty(Temporary, "1Gi")];
        if (!profile.Storage.Persistent)
            volumes.Add(Empty(State, profile.Storage.Size));
        if (profile.Gpu is not null)
        {
            volumes.Add(Empty(SharedMemory, "1Gi", "Memory"));
            volumes.Add(new V1Volume
            {
                Name = GpuLabels,
                DownwardAPI = new V1DownwardAPIVolumeSource
                {
                    Items =
                    [
                        new V1DownwardAPIVolumeFile
                        {
                            Path = WorkerEnvironment.GpuLabelsName,
                            FieldRef = new V1ObjectFieldSelector { ApiVersion = "v1", FieldPath = $"metadata.annotations['{WorkerLabels.GpuLabels}']" },
                        },
                    ],
                },
            });
        }

        volumes.AddRange(template.Secrets.Select((s, i) => new V1Volume { Name = $"secret-{i}", Secret = new V1SecretVolumeSource { SecretName = s.Name } }));
        return volumes;
    }

    private static List<V1VolumeMount> Mounts(ResourceProfile profile, WorkerTemplate template)
    {
        List<V1VolumeMount> mounts = [Mount(State, WorkerEnvironment.StateFolder), Mount(Temporary, "/tmp")];
        if (profile.Gpu is not null)
            mounts.AddRange([Mount(SharedMemory, "/dev/shm"), Mount(GpuLabels, WorkerEnvironment.GpuLabelsFolder, readOnly: true)]);
        mounts.AddRange(template.Secrets.Select((s, i) => Mount($"secret-{i}", s.MountPath, readOnly: true)));
        return mounts;
    }

    private static V1VolumeMount Mount(string name, string path, bool? readOnly = null) => new() { Name = name, MountPath = path, ReadOnlyProperty = readOnly };

    private static V1Volume Empty(string name, string size, string? medium = null) =>
        new() { Name = name, EmptyDir = new V1EmptyDirVolumeSource { SizeLimit = new ResourceQuantity(size), Medium = medium } };

    private static V1ContainerPort Port(string name, int port) => new() { Name = name, ContainerPort = port, Protocol = "TCP" };

    private static V1Probe Probe(string path, int failures) => new()
    {
        HttpGet = new V1HTTPGetAction { Path = path, Port = "health" },
        PeriodSeconds = ProbeSeconds,
        TimeoutSeconds = 5,
        FailureThreshold = failures,
    };

    private static Dictionary<string, string> Merge(IReadOnlyDictionary<string, string> others, IDictionary<string, string> ours)
    {
        var all = others.ToDictionary();
        foreach (var (name, value) in ours)
            all[name] = value;
        return all;
    }

    private static string? NullIfEmpty(string text) => text.Length == 0 ? null : text;
}
