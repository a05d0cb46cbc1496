using System.Text.Json;
using System.Text.Json.Nodes;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.Controller.Resources;
using Orchestrator.Controller.Tests.Kit;
using Orchestrator.ControlPlane.Messages;
using Orchestrator.TestKit;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Controller.Tests;

/// <summary>The way of GPU labels: from the machine by the controller onto the pod, by the downward API into the worker, into the node's record.</summary>
public sealed class GpuTests
{
    private static readonly ExecutionClass Cuda = new("onnxruntime/1.31.1", "cuda", "disabled", "fma");

    private static readonly Dictionary<string, string> H100 = new()
    {
        ["nvidia.com/gpu.product"] = "NVIDIA-H100-80GB-HBM3",
        ["nvidia.com/gpu.memory"] = "81559",
        ["nvidia.com/gpu.sharing-strategy"] = "none",
        ["nvidia.com/gpu.compute.major"] = "9",
        ["nvidia.com/mig.capable"] = "true",
        ["kubernetes.io/hostname"] = "secret-name",
    };

    [Fact]
    public async Task A_pod_learns_the_labels_of_its_machine_and_a_machine_without_says_none()
    {
        await using var world = await World.StartAsync();
        world.Upload();
        world.Cluster.Create(Kinds.Nodes, "", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "gpu-1", ["labels"] = JsonSerializer.SerializeToNode(H100) } }, "kubelet");
        world.Cluster.Create(Kinds.Nodes, "", new JsonObject { ["metadata"] = new JsonObject { ["name"] = "plain" } }, "kubelet");
        await world.ControlAsync();
        world.Create(change: spec => spec["resourceProfile"] = "h100");
        await world.ServeAsync();
        string? Labels(string pod) => world.Cluster.Find(Kinds.Pods, World.Namespace, pod)?["metadata"]?["annotations"]?["orchestrator.dev/gpu-labels"]?.GetValue<string>();

        await world.UntilAsync(() => Labels("chat-s1-0") is not null, "no labels");
        GpuLabels.Parse(Labels("chat-s1-0")!).ShouldBe(new GpuCapability("NVIDIA-H100-80GB-HBM3", 81_559L << 20, "none", Mig: false, 9));
        Labels("chat-s1-0")!.ShouldNotContain("secret-name");

        world.Workloads.Machine = "plain";
        world.Cluster.Delete(new Place(Kinds.Pods, World.Namespace, "chat-s0-0"));
        world.Workloads.Step();
        await world.UntilAsync(() => Labels("chat-s0-0") == "none", $"{Labels("chat-s0-0")}");
    }

    [Fact]
    public void A_slice_is_described_by_its_own_labels()
    {
        var labels = new Dictionary<string, string>(H100) { ["nvidia.com/mig-1g.10gb.product"] = "NVIDIA-H100-80GB-HBM3-MIG-1g.10gb", ["nvidia.com/mig-1g.10gb.memory"] = "9984" };
        GpuLabels.Parse(GpuLabels.Select(labels, "nvidia.com/mig-1g.10gb")).ShouldBe(new GpuCapability("NVIDIA-H100-80GB-HBM3-MIG-1g.10gb", 9_984L << 20, "none", Mig: true, 9));
        var single = new Dictionary<string, string>(H100) { ["nvidia.com/gpu.product"] = "NVIDIA-A100-SXM4-40GB-MIG-1g.5gb", ["nvidia.com/mig.strategy"] = "single" };
        GpuLabels.Parse(GpuLabels.Select(single, "nvidia.com/gpu"))!.Mig.ShouldBeTrue();
        GpuLabels.Parse(GpuLabels.Select(new Dictionary<string, string>(), "nvidia.com/gpu")).ShouldBeNull();
    }

    [Theory]
    [InlineData("product")]
    [InlineData("=x")]
    [InlineData("nvidia.com/gpu.product=X\nnvidia.com/gpu.memory=-5")]
    [InlineData("nvidia.com/gpu.product=X\nnvidia.com/gpu.memory=99999999999")]
    public void Broken_labels_are_refused(string text) => Should.Throw<FormatException>(() => GpuLabels.Parse(text));

    [Fact]
    public async Task A_worker_refuses_a_time_sliced_gpu_unless_it_is_told_to_accept_it()
    {
        using var folder = new TempFolder();
        string file = folder.Write("labels", "nvidia.com/gpu.product=NVIDIA-L4-SHARED\nnvidia.com/gpu.sharing-strategy=time-slicing\n"u8);
        var options = new WorkerOptions { GpuLabelsFile = file };

        var error = await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(options));
        error.Message.ShouldContain("Worker:AllowSharedGpu=true");
        (await ReadAsync(options with { AllowSharedGpu = true }))!.Sharing.ShouldBe("time-slicing");
        (await GpuIdentity.ReadAsync(options, Cuda with { Provider = "cpu" }, TimeProvider.System, NullLogger.Instance)).ShouldBeNull();
        (await ReadAsync(options with { Gpu = new GpuOptions { Product = "L4", MemoryBytes = 5 } })).ShouldBe(new GpuCapability("L4", 5, "none", false, 0));
    }

    [Fact]
    public async Task A_worker_waits_for_its_labels_and_falls_back_to_what_the_runtime_knows()
    {
        using var folder = new TempFolder();
        string file = folder.Write("labels", []);
        var clock = new FakeTimeProvider();
        var options = new WorkerOptions { GpuLabelsFile = file, GpuLabelsWait = TimeSpan.FromSeconds(10) };

        var reading = GpuIdentity.ReadAsync(options, Cuda, clock, NullLogger.Instance);
        // The reader arms its timer between two looks at the file: the clock moves until it has read.
        await Eventually.Holds(
            () =>
            {
                if (!reading.IsCompleted)
                    clock.Advance(TimeSpan.FromSeconds(2));
                return Task.FromResult(reading.IsCompleted);
            },
            () => "still waits");
        (await reading).ShouldBe(new GpuCapability("unknown", 0, "unknown", false, 0));

        await File.WriteAllTextAsync(file, GpuLabels.Select(H100, "nvidia.com/gpu"));
        (await ReadAsync(options))!.Product.ShouldBe("NVIDIA-H100-80GB-HBM3");
        await File.WriteAllTextAsync(file, "nonsense");
        (await Should.ThrowAsync<InvalidDataException>(() => ReadAsync(options))).Message.ShouldContain("Worker:GpuLabelsFile");
    }

    [Fact]
    public void A_record_without_a_gpu_is_the_bytes_it_always_was_and_one_with_comes_back()
    {
        JsonSerializer.Serialize(Record(null), ContractsJson.Default.NodeRecord).ShouldNotContain("gpu");
        var gpu = new GpuCapability("NVIDIA-L4", 24L << 30, "none", false, 8);
        string json = JsonSerializer.Serialize(Record(gpu), ContractsJson.Default.NodeRecord);
        JsonSerializer.Deserialize(json, ContractsJson.Default.NodeRecord)!.Capability.Gpu.ShouldBe(gpu);
    }

    [Fact]
    public void The_platform_refuses_gpus_out_of_bounds()
    {
        string? Problem(GpuCapability? gpu) => NodeRecordCheck.Problem(Record(gpu), Some.Node(), DateTimeOffset.UnixEpoch, TimeSpan.Zero);
        var good = new GpuCapability("NVIDIA-L4", 24L << 30, "none", false, 8);
        Problem(null).ShouldBeNull();
        Problem(good).ShouldBeNull();
        foreach (var bad in new[]
        {
            good with { Product = "" }, good with { Product = new string('x', 64) }, good with { Product = "a b" }, good with { Product = "\u001b[31m" },
            good with { MemoryBytes = -1 }, good with { MemoryBytes = long.MaxValue }, good with { Sharing = "friends" }, good with { ComputeMajor = 100 },
        })
            Problem(bad).ShouldNotBeNull().ShouldContain("GPU");
    }

    private static Task<GpuCapability?> ReadAsync(WorkerOptions options) => GpuIdentity.ReadAsync(options, Cuda, TimeProvider.System, NullLogger.Instance);

    private static NodeRecord Record(GpuCapability? gpu) => new(
        1, Some.Node(), "host", "eu", "10.0.0.1:7443", new Uri("https://10.0.0.1:7444"), Some.Digest(), new NodeCapability(1, 1, 1, Cuda, gpu), 1, DateTimeOffset.UnixEpoch);
}
