using System.Text.Json.Nodes;
using k8s.Models;
using Orchestrator.Controller.Options;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Tests.Kit;

/// <summary>Valid inputs that tests change.</summary>
internal static class Given
{
    public static ResourceProfile Cpu { get; } = new() { Cpu = "500m", Memory = "2Gi", Storage = new StorageRequest { Size = "10Gi" } };

    public static ResourceProfile H100 { get; } = new()
    {
        Gpu = new GpuRequest { Resource = "nvidia.com/gpu", Count = 1 },
        Cpu = "8",
        Memory = "64Gi",
        ModelMemoryBytes = 72L << 30,
        RuntimeClass = "nvidia",
        NodeSelector = new Dictionary<string, string> { ["nvidia.com/gpu.product"] = "NVIDIA-H100-80GB-HBM3" },
        Tolerations = [new TolerationRule { Key = "nvidia.com/gpu", Effect = "NoSchedule" }],
    };

    /// <summary>Paced for tests: what waits seconds in a cluster waits milliseconds.</summary>
    public static ControllerOptions Options { get; } = new()
    {
        Namespace = World.Namespace,
        PlatformUrl = new Uri("http://platform.test/"),
        ApiKeyFile = "/etc/orchestrator/key",
        // The elector gives one try no longer than the retry period: too short a one never ends on a busy machine.
        Lease = new LeaseOptions { Duration = TimeSpan.FromSeconds(10), RenewDeadline = TimeSpan.FromSeconds(8), RetryPeriod = TimeSpan.FromSeconds(3) },
        Pace = new PaceOptions
        {
            Debounce = TimeSpan.FromMilliseconds(5),
            FirstBackoff = TimeSpan.FromMilliseconds(20),
            LongestBackoff = TimeSpan.FromMilliseconds(200),
            PollUnready = TimeSpan.FromMilliseconds(40),
            PollReady = TimeSpan.FromMilliseconds(200),
        },
        Workers = new WorkerTemplate { Image = "registry.test/worker:1", GpuImage = "registry.test/worker-gpu:1", PlatformKey = new string('a', 64), Environment = new Dictionary<string, string> { ["Worker__GatewayUrl"] = "https://gateway.test:8443" } },
        Profiles = new Dictionary<string, ResourceProfile> { ["cpu"] = Cpu, ["h100"] = H100 },
    };

    public static InferenceModel Model(int stages = 2, int replicas = 2, string name = "chat", string profile = "cpu") => new()
    {
        Metadata = new V1ObjectMeta { Name = name, NamespaceProperty = World.Namespace, Uid = $"uid-of-{name}", Generation = 3 },
        Spec = new InferenceModelSpec
        {
            Source = new ModelSource { Manifest = new string('1', 64) },
            Sharding = new ModelSharding { Stages = stages },
            Replicas = replicas,
            ResourceProfile = profile,
        },
    };

    public static JsonObject ModelJson(string name, string manifest, int stages) => new()
    {
        ["apiVersion"] = Kinds.Models.ApiVersion,
        ["kind"] = Kinds.Models.Kind,
        ["metadata"] = new JsonObject { ["name"] = name },
        ["spec"] = new JsonObject
        {
            ["source"] = new JsonObject { ["manifest"] = manifest },
            ["sharding"] = new JsonObject { ["stages"] = stages },
        },
    };
}
