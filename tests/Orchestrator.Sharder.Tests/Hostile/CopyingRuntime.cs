using Orchestrator.Contracts;

namespace Orchestrator.Sharder.Tests.Hostile;

/// <summary>Optimizes nothing and runs nothing, so that hostile models test the sharder's own reading without a native library.</summary>
internal sealed class CopyingRuntime : IModelRuntime
{
    public const string Refusal = "This runtime runs nothing.";

    public void Optimize(string modelPath, string optimizedPath) => File.Copy(modelPath, optimizedPath);

    public IModelSession Load(string modelPath) => throw new InvalidDataException(Refusal);
}
