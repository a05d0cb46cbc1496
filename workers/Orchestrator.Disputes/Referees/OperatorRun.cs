using Orchestrator.Contracts;
using Orchestrator.Disputes.Traces;
using Orchestrator.Sharder.Operators;

namespace Orchestrator.Disputes.Referees;

/// <summary>Runs one operator of a shard alone.</summary>
public static class OperatorRun
{
    /// <summary>What the operator puts out, in order.</summary>
    /// <param name="runtime">Runs it, without online optimization.</param>
    /// <param name="graph">The shard.</param>
    /// <param name="index">The operator.</param>
    /// <param name="inputs">A tensor for each value of <see cref="ShardOperator.Inputs"/>, by name.</param>
    /// <exception cref="InvalidDataException">The runtime refuses the operator or its inputs.</exception>
    public static IReadOnlyList<Tensor> Run(IModelRuntime runtime, OperatorGraph graph, int index, IReadOnlyDictionary<string, Tensor> inputs)
    {
        using var file = new ScratchFile();
        graph.WriteOperator(index, inputs, file.Path);
        using var session = runtime.Load(file.Path);
        var outputs = graph.Layout.Operators[index].Outputs;
        var results = session.Run(inputs, outputs);
        return [.. outputs.Select(name => results[name])];
    }
}
