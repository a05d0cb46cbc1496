using Orchestrator.Contracts;
using Orchestrator.Sharder.Classification;
using Orchestrator.Sharder.Model;

namespace Orchestrator.Sharder.Cutting;

/// <summary>
/// Finds the best cut between every two neighbouring layers. A layer is known by its caches alone: all that reads a layer's past or
/// makes its present stays in one shard, so between two layers' caches there is a window, and the minimum cut in it is the boundary.
/// </summary>
internal static class LayerCuts
{
    // What one more tensor costs besides its bytes: a header and a copy on each side.
    private const long PerTensor = 64;
    private const int NominalContext = 512;

    /// <summary>The cuts that exist, in order and nested.</summary>
    public static IReadOnlyList<LayerCut> Find(
        ModelGraph graph, ModelSignature signature, Classes classes, TensorSpec?[] specs, int context, CancellationToken cancel)
    {
        var problem = Problem(graph, signature, classes, specs, context);
        var (first, layers, last) = Anchors(graph, signature);
        var cuts = new List<LayerCut>();
        for (int layer = 1; layer < signature.Layers; layer++)
        {
            cancel.ThrowIfCancellationRequested();
            var before = first.Concat(layers[..layer].SelectMany(nodes => nodes)).Distinct();
            var after = layers[layer..].SelectMany(nodes => nodes).Append(last).Distinct();
            if (ClosureCut.Find(problem, before, after) is { } cut)
                cuts.Add(new LayerCut(layer, cut.Before, cut.Cost));
        }

        return cuts;
    }

    /// <summary>Values that cross a cut, in topological order.</summary>
    public static IReadOnlyList<int> Crossing(ModelGraph graph, Classes classes, bool[] before)
    {
        var crossing = new SortedSet<int>();
        foreach (var node in graph.Nodes.Where(node => Classes.IsPlaced(classes.Nodes[node.Index]) && !before[node.Index]))
            crossing.UnionWith(classes.Needs[node.Index].Where(value => graph.Values[value].Producer is var producer && before[producer]));
        return [.. crossing.OrderBy(value => graph.Values[value].Producer).ThenBy(value => value)];
    }

    private static CutProblem Problem(ModelGraph graph, ModelSignature signature, Classes classes, TensorSpec?[] specs, int context)
    {
        var consumers = new Dictionary<int, List<int>>();
        foreach (var node in graph.Nodes.Where(node => Classes.IsPlaced(classes.Nodes[node.Index])))
        {
            foreach (int value in classes.Needs[node.Index])
            {
                if (!consumers.TryGetValue(value, out var list))
                    consumers.Add(value, list = []);
                list.Add(node.Index);
            }
        }

        // Presents leave a shard as caches already; one name cannot leave twice.
        var uncuttable = signature.Caches.Select(cache => graph[cache.Present].Index).Append(graph[signature.Logits].Index).ToHashSet();
        long Cost(int value) => uncuttable.Contains(value) ? Dinic.Infinite : CostOf(specs[value], context);
        return new CutProblem(graph.Nodes.Count,
            [.. consumers.OrderBy(pair => pair.Key).Select(pair => new CutValue(graph.Values[pair.Key].Producer, pair.Value, Cost(pair.Key)))]);
    }

    private static long CostOf(TensorSpec? spec, int context)
    {
        if (spec is null || !Enum.IsDefined(spec.ElementType) || spec.Shape.Contains(TensorSizes.Unknown))
            return Dinic.Infinite;
        return PerTensor + TensorSizes.Bytes(spec.ElementType, spec.Shape, batch: 1, sequence: 1, Math.Min(context, NominalContext));
    }

    private static (IReadOnlyList<int> First, IReadOnlyList<int>[] Layers, int Last) Anchors(ModelGraph graph, ModelSignature signature)
    {
        var readers = new Dictionary<int, List<int>>();
        foreach (var input in signature.Caches.Select(cache => cache.Past).Append(signature.Tokens))
            readers[graph[input].Index] = [];
        foreach (var node in graph.Nodes)
        {
            foreach (int input in node.Inputs)
            {
                if (readers.TryGetValue(input, out var list))
                    list.Add(node.Index);
            }
        }

        var layers = new IReadOnlyList<int>[signature.Layers];
        for (int layer = 0; layer < layers.Length; layer++)
        {
            layers[layer] = [.. signature.Caches.Skip(2 * layer).Take(2)
                .SelectMany(cache => readers[graph[cache.Past].Index].Append(graph[cache.Present].Producer))];
        }

        return (readers[graph[signature.Tokens].Index], layers, graph[signature.Logits].Producer);
    }
}

/// <summary>The boundary between two layers.</summary>
/// <param name="Layer">The first layer after the cut.</param>
/// <param name="Before">Whether each node, by number, comes before the cut; means nothing for repeated nodes.</param>
/// <param name="Width">Bytes that cross for one token, and a little per tensor.</param>
internal sealed record LayerCut(int Layer, bool[] Before, long Width);
