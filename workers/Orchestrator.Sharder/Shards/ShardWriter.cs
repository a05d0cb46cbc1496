using Google.Protobuf;
using Orchestrator.Contracts;
using Orchestrator.Sharder.Model;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Shards;

/// <summary>Writes the file of one stage and describes it for the manifest.</summary>
internal static class ShardWriter
{
    /// <summary>Name of a stage's file.</summary>
    public static string FileName(int stage) => $"stage-{stage}.onnx";

    /// <summary>Files of stages that a cut into fewer does not have: an earlier run left them.</summary>
    public static IEnumerable<string> Beyond(string folder, int stages) => Directory.GetFiles(folder, "stage-*.onnx")
        .Where(path => int.TryParse(Path.GetFileNameWithoutExtension(path)["stage-".Length..], out int stage) && stage >= stages && Path.GetFileName(path) == FileName(stage));

    /// <summary>Writes <see cref="FileName"/> into a folder.</summary>
    public static async Task<ShardManifest> WriteAsync(
        ModelProto whole, ModelGraph graph, StagePlan plan, TensorSpec?[] specs, string folder, CancellationToken cancel)
    {
        string path = Path.Combine(folder, FileName(plan.Stage));
        var model = ShardGraph.Build(whole, graph, plan, specs);
        await using var file = new FileStream(path, FileMode.Create, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous);
        using (var output = new CodedOutputStream(file, leaveOpen: true))
        {
            output.Deterministic = true;
            model.WriteTo(output);
        }

        file.Position = 0;
        var digest = await Digest.OfAsync(file, cancel);
        BoundaryTensor Boundary(BoundaryValue value) => new(graph.Values[value.Value].Name, value.Consumed, specs[value.Value]!);
        return new ShardManifest(
            plan.Stage,
            plan.Layers,
            digest,
            file.Length,
            Parameters(model.Graph.Initializer),
            [.. plan.Controls.Select(control => new ModelInput(control.Name, control.Role, control.Spec))],
            [.. plan.Receives.Select(Boundary)],
            [.. plan.Sends.Select(Boundary)],
            [.. plan.Caches.Select(cache => new CacheTensor(cache.Layer, cache.Past, cache.Present, cache.Spec))],
            plan.Sends.Sum(send => specs[send.Value]!.BytesPerToken));
    }

    /// <summary>Elements over the floating-point initializers.</summary>
    public static long Parameters(IEnumerable<TensorProto> initializers) =>
        initializers.Where(TensorData.IsFloat).Sum(tensor => ModelChecks.Elements(tensor) ?? 0);
}
