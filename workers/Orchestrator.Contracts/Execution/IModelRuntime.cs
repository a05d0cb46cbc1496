namespace Orchestrator.Contracts;

/// <summary>What the sharder needs of a runtime: one offline optimization and one probe run.</summary>
public interface IModelRuntime
{
    /// <summary>Writes the graph as the runtime's EXTENDED optimization leaves it, so that shards run with optimization off.</summary>
    /// <exception cref="InvalidDataException">The runtime refuses the model; the message says why.</exception>
    void Optimize(string modelPath, string optimizedPath);

    /// <summary>Runs a model once, without optimization, and returns the named outputs.</summary>
    /// <exception cref="InvalidDataException">The runtime refuses the model or an input.</exception>
    IReadOnlyDictionary<string, Tensor> Run(string modelPath, IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyList<string> outputs);
}
