using Orchestrator.Contracts;
using Orchestrator.Onnx.Offline;

namespace Orchestrator.Benchmarks.Calibration;

/// <summary>The runtime with no graph optimization: shards cut with it compute the same by other operators.</summary>
internal sealed class PlainRuntime : IModelRuntime
{
    private readonly OnnxModelRuntime inner = new();

    /// <inheritdoc />
    public void Optimize(string modelPath, string optimizedPath) => File.Copy(modelPath, optimizedPath, overwrite: true);

    /// <inheritdoc />
    public IModelSession Load(string modelPath) => inner.Load(modelPath);
}
