using Orchestrator.Contracts;
using Orchestrator.Disputes.Referees;
using Orchestrator.Disputes.Traces;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder.Operators;

namespace Orchestrator.Drill.Models;

/// <summary>Loaded shards of one thread. Nodes of the drill share them: an engine has no state beside its sessions. Not thread-safe.</summary>
public sealed class Engines(DrillModel model) : IDisposable
{
    private readonly Dictionary<(int Stage, WeightFormat Format), IStageEngine> loaded = [];
    private readonly Dictionary<(int Stage, WeightFormat Format), TracedShard> traced = [];
    private readonly Dictionary<int, Referee> referees = [];
    private readonly OnnxModelRuntime runtime = new();

    /// <summary>The model.</summary>
    public DrillModel Model => model;

    /// <summary>The engine of a stage.</summary>
    public IStageEngine Of(int stage, WeightFormat format = WeightFormat.Published)
    {
        if (!loaded.TryGetValue((stage, format), out var engine))
        {
            engine = model.Loader.LoadAsync(model.ShardPath(stage, format), model.Manifest, stage, CancellationToken.None).GetAwaiter().GetResult();
            loaded.Add((stage, format), engine);
        }

        return engine;
    }

    /// <summary>The shard of a stage with all its intermediate values, shared by all who ask: disposing it has no effect.</summary>
    public ITracedShard Traced(int stage, WeightFormat format = WeightFormat.Published)
    {
        if (!traced.TryGetValue((stage, format), out var shard))
            traced.Add((stage, format), shard = TracedShard.Load(runtime, model.ShardPath(stage, format), model.Manifest, stage));
        return new Shared(shard);
    }

    /// <summary>The referee of a stage.</summary>
    public Referee Referee(int stage)
    {
        if (!referees.TryGetValue(stage, out var referee))
            referees.Add(stage, referee = new Referee(new RefereeRun(runtime, model.ShardPath(stage), model.Manifest, stage), new DrawReplay()));
        return referee;
    }

    /// <summary>All stages as published.</summary>
    public IReadOnlyList<IStageEngine> Chain => [.. Enumerable.Range(0, model.Stages).Select(stage => Of(stage))];

    /// <inheritdoc />
    public void Dispose()
    {
        foreach (var engine in loaded.Values)
            engine.Dispose();
        foreach (var shard in traced.Values)
            shard.Dispose();
    }

    private sealed class Shared(ITracedShard shard) : ITracedShard
    {
        public TraceLayout Layout => shard.Layout;

        public IReadOnlyList<Tensor> EmptyCaches() => shard.EmptyCaches();

        public PassTrace Run(ReceivedPass received, IReadOnlyList<Tensor> caches) => shard.Run(received, caches);

        public void Dispose()
        {
            // Belongs to the engines.
        }
    }
}
