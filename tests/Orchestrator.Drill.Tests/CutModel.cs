using Orchestrator.Drill.Models;

namespace Orchestrator.Drill.Tests;

/// <summary>The bundled model, cut as drills cut it, with its shards loaded.</summary>
public sealed class CutModel : IAsyncLifetime
{
    private readonly DirectoryInfo folder = Directory.CreateTempSubdirectory("orchestrator-drill-test-");
    private Engines? engines;

    /// <summary>Its shards.</summary>
    public Engines Engines => engines!;

    /// <inheritdoc />
    public async ValueTask InitializeAsync() => engines = new Engines(
        await DrillModel.CutAsync(Path.Combine(AppContext.BaseDirectory, "models", "tiny-chat", "model.onnx"), 3, folder.FullName, CancellationToken.None));

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        engines?.Dispose();
        folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }
}
