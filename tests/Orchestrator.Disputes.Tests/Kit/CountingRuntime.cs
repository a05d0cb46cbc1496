using Orchestrator.Contracts;

namespace Orchestrator.Disputes.Tests.Kit;

/// <summary>Counts what is run.</summary>
internal sealed class CountingRuntime(IModelRuntime runtime) : IModelRuntime
{
    public int Runs { get; private set; }

    public void Optimize(string modelPath, string optimizedPath) => throw new NotSupportedException("A referee optimizes nothing.");

    public IModelSession Load(string modelPath) => new Session(this, runtime.Load(modelPath));

    private sealed class Session(CountingRuntime counting, IModelSession session) : IModelSession
    {
        public IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyList<string> outputs)
        {
            counting.Runs++;
            return session.Run(inputs, outputs);
        }

        public void Dispose() => session.Dispose();
    }
}
