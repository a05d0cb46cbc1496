using System.Text.Json.Nodes;
using Orchestrator.Infra.Tests.Kit;

namespace Orchestrator.Infra.Tests.Docker;

/// <summary>The worker as the GPU image restores it. Only project files are copied: nothing of this checkout changes.</summary>
public sealed class GpuFlavourTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("gpu-flavour-").FullName;

    [Fact]
    public async Task The_gpu_flavour_restores_with_both_halves_of_the_runtime_at_one_version()
    {
        foreach (string file in Directory.GetFiles(Repository.Root, "Directory.*").Concat(Directory.GetFiles(Repository.At("workers"), "*.csproj", SearchOption.AllDirectories)))
        {
            string copy = Path.Combine(folder, Path.GetRelativePath(Repository.Root, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var (code, output, error) = await Tool.RunAsync("dotnet", folder, "restore", "workers/Orchestrator.Worker", "-p:OnnxRuntimeFlavor=Gpu", "-r", "linux-x64");

        code.ShouldBe(0, output + error);
        var assets = JsonNode.Parse(await File.ReadAllTextAsync(Path.Combine(folder, "workers/Orchestrator.Onnx/obj/project.assets.json"), TestContext.Current.CancellationToken))!;
        var runtime = assets["libraries"]!.AsObject().Select(l => l.Key.Split('/')).Where(l => l[0].StartsWith("Microsoft.ML.OnnxRuntime")).ToDictionary(l => l[0], l => l[1]);
        runtime.Keys.ShouldBe(["Microsoft.ML.OnnxRuntime.Gpu.Linux", "Microsoft.ML.OnnxRuntime.Managed"], ignoreOrder: true);
        runtime.Values.Distinct().ShouldHaveSingleItem();
    }

    public void Dispose() => Directory.Delete(folder, recursive: true);
}
