using Orchestrator.Contracts;
using Orchestrator.Sharder.Classification;
using Orchestrator.Sharder.Cutting;
using Orchestrator.Sharder.Model;

namespace Orchestrator.Sharder.Shards;

/// <summary>What one shard contains and what crosses its edges.</summary>
/// <param name="Stage">0-based place in the chain.</param>
/// <param name="Layers">Layers whose caches it holds.</param>
/// <param name="Nodes">Numbers of its nodes in topological order, repeated ones included.</param>
/// <param name="Initializers">Numbers of the initializers it needs, in file order.</param>
/// <param name="Controls">Control inputs it reads.</param>
/// <param name="Receives">Boundary values from the stage before.</param>
/// <param name="Sends">Boundary values for the stage after; the logits on the last stage.</param>
/// <param name="Caches">Its caches.</param>
internal sealed record StagePlan(
    int Stage,
    LayerRange Layers,
    IReadOnlyList<int> Nodes,
    IReadOnlyList<int> Initializers,
    IReadOnlyList<ControlInput> Controls,
    IReadOnlyList<BoundaryValue> Receives,
    IReadOnlyList<BoundaryValue> Sends,
    IReadOnlyList<CacheSlot> Caches)
{
    /// <summary>Plans all stages between the chosen cuts.</summary>
    public static IReadOnlyList<StagePlan> All(ModelGraph graph, ModelSignature signature, Classes classes, IReadOnlyList<LayerCut> cuts)
    {
        var crossings = cuts.Select(cut => LayerCuts.Crossing(graph, classes, cut.Before)).ToArray();
        var plans = new List<StagePlan>();
        for (int stage = 0; stage <= cuts.Count; stage++)
        {
            var layers = new LayerRange(stage == 0 ? 0 : cuts[stage - 1].Layer, stage == cuts.Count ? signature.Layers : cuts[stage].Layer);
            plans.Add(One(graph, signature, classes, stage, layers,
                stage == 0 ? [] : crossings[stage - 1],
                stage == cuts.Count ? [graph[signature.Logits].Index] : crossings[stage]));
        }

        return plans;
    }

    private static StagePlan One(
        ModelGraph graph, ModelSignature signature, Classes classes, int stage, LayerRange layers, IReadOnlyList<int> receives, IReadOnlyList<int> sends)
    {
        CacheSlot[] caches = [.. signature.Caches.Where(cache => cache.Layer >= layers.Start && cache.Layer < layers.End)];
        var received = receives.ToHashSet();
        var wanted = sends.Where(value => !received.Contains(value)).Concat(caches.Select(cache => graph[cache.Present].Index));
        var (nodes, read) = Closure(graph, wanted, received);
        ControlInput[] controls = [.. signature.Controls.Where(control => read.Contains(graph[control.Name].Index))];
        if (stage > 0 && controls.Any(control => control.Role == InputRole.TokenIds))
            throw new InvalidDataException($"Stage {stage} would need the token ids; ask for fewer stages.");
        if (signature.Caches.Except(caches).FirstOrDefault(cache => read.Contains(graph[cache.Past].Index)) is { } foreign)
            throw new InvalidDataException($"Stage {stage} would need the cache '{ModelChecks.Printable(foreign.Past)}' of another stage; ask for fewer stages.");
        return new StagePlan(
            stage,
            layers,
            nodes,
            [.. read.Where(value => graph.Values[value].Initializer is not null).Order()],
            controls,
            [.. receives.Select(value => new BoundaryValue(value, Consumed: read.Contains(value)))],
            [.. sends.Select(value => new BoundaryValue(value, Consumed: !received.Contains(value)))],
            caches);
    }

    // All nodes that the wanted values depend on, up to the received values; and all values those nodes read.
    private static (IReadOnlyList<int> Nodes, HashSet<int> Read) Closure(ModelGraph graph, IEnumerable<int> wanted, HashSet<int> received)
    {
        var nodes = new SortedSet<int>();
        var read = new HashSet<int>();
        var open = new Stack<int>(wanted);
        while (open.TryPop(out int value))
        {
            int producer = graph.Values[value].Producer;
            if (producer < 0 || received.Contains(value) || !nodes.Add(producer))
                continue;
            foreach (int input in graph.Nodes[producer].Inputs.Where(read.Add))
                open.Push(input);
        }

        return ([.. nodes], read);
    }
}

/// <summary>A value on a stage's edge.</summary>
/// <param name="Value">Its number.</param>
/// <param name="Consumed">Received: whether this stage reads it. Sent: whether this stage makes it.</param>
internal readonly record struct BoundaryValue(int Value, bool Consumed);
