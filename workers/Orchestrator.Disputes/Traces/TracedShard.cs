using Orchestrator.Contracts;
using Orchestrator.Sharder.Operators;

namespace Orchestrator.Disputes.Traces;

/// <summary>Runs a shard and shows every value it computes. Not thread-safe.</summary>
public interface ITracedShard : IDisposable
{
    /// <summary>Its operators.</summary>
    TraceLayout Layout { get; }

    /// <summary>Caches before the first pass, in manifest order.</summary>
    IReadOnlyList<Tensor> EmptyCaches();

    /// <summary>Runs one pass.</summary>
    /// <param name="received">What came in.</param>
    /// <param name="caches">Caches after the pass before, in manifest order.</param>
    /// <exception cref="InvalidDataException">The pass does not fit the shard, or the runtime refuses it.</exception>
    PassTrace Run(ReceivedPass received, IReadOnlyList<Tensor> caches);
}

/// <summary>A shard loaded with all its intermediate values as outputs.</summary>
public sealed class TracedShard : ITracedShard
{
    private readonly IModelSession session;
    private readonly string[] outputs;
    private readonly int vocabulary;

    private TracedShard(IModelSession session, ModelManifest model, int stage, TraceLayout layout)
    {
        (this.session, Shard, Layout, vocabulary) = (session, model.Stages[stage], layout, model.Vocabulary);
        outputs = [.. layout.Operators.SelectMany(op => op.Outputs)];
    }

    /// <summary>The shard.</summary>
    public ShardManifest Shard { get; }

    /// <inheritdoc />
    public TraceLayout Layout { get; }

    /// <summary>Cuts and loads a shard.</summary>
    /// <param name="runtime">Runs it, without online optimization.</param>
    /// <param name="path">The shard's file; the caller has checked its digest.</param>
    /// <param name="model">The model.</param>
    /// <param name="stage">The stage.</param>
    /// <exception cref="InvalidDataException">The shard cannot be traced; the message says why.</exception>
    public static TracedShard Load(IModelRuntime runtime, string path, ModelManifest model, int stage)
    {
        var graph = OperatorGraph.Read(path, model.Stages[stage]);
        using var scratch = new ScratchFile();
        graph.WriteTraced(scratch.Path);
        return new TracedShard(runtime.Load(scratch.Path), model, stage, graph.Layout);
    }

    /// <inheritdoc />
    public IReadOnlyList<Tensor> EmptyCaches() => [.. Shard.Caches.Select(PassInputs.EmptyCache)];

    /// <inheritdoc />
    public PassTrace Run(ReceivedPass received, IReadOnlyList<Tensor> caches)
    {
        var first = PassInputs.Received(Shard, vocabulary, received);
        var inputs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        for (int i = 0; i < first.Count; i++)
        {
            if (i < Shard.ModelInputs.Count || Shard.Receives[i - Shard.ModelInputs.Count].Consumed)
                inputs.Add(Layout.Received[i], first[i]);
        }

        for (int i = 0; i < caches.Count; i++)
            inputs.Add(Shard.Caches[i].Past, caches[i]);
        var values = session.Run(inputs, outputs);
        return new PassTrace(Layout, received.Pass, first, values);
    }

    /// <inheritdoc />
    public void Dispose() => session.Dispose();
}
