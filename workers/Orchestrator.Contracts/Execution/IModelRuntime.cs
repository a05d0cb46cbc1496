namespace Orchestrator.Contracts;

/// <summary>What the sharder and the model checker need of a runtime.</summary>
public interface IModelRuntime
{
    /// <summary>Writes the graph as the runtime's EXTENDED optimization leaves it, so that shards run with optimization off.</summary>
    /// <exception cref="InvalidDataException">The runtime refuses the model; the message says why.</exception>
    void Optimize(string modelPath, string optimizedPath);

    /// <summary>Loads a model as it is, without optimization.</summary>
    /// <exception cref="InvalidDataException">The runtime refuses the model; the message says why.</exception>
    IModelSession Load(string modelPath);
}

/// <summary>A loaded model. Not thread-safe.</summary>
public interface IModelSession : IDisposable
{
    /// <summary>Runs the model once and returns the named outputs, which stay valid after later runs.</summary>
    /// <exception cref="InvalidDataException">The runtime refuses an input or fails; the message says why.</exception>
    IReadOnlyDictionary<string, Tensor> Run(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyList<string> outputs);
}
