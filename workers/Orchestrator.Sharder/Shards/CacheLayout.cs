using Orchestrator.Contracts;
using Orchestrator.Sharder.Model;

namespace Orchestrator.Sharder.Shards;

/// <summary>Finds out whether past and present may share a buffer.</summary>
internal static class CacheLayout
{
    private const int PastKey = 3;
    private const int PastValue = 4;

    /// <summary><see cref="KvLayout.Shared"/> when every cache is read and written by a GroupQueryAttention alone, which appends in place.</summary>
    public static KvLayout Of(ModelGraph graph, ModelSignature signature) =>
        signature.Caches.All(cache => IsShared(graph, cache)) ? KvLayout.Shared : KvLayout.Growing;

    private static bool IsShared(ModelGraph graph, CacheSlot cache)
    {
        var node = graph.Nodes[graph[cache.Present].Producer].Proto;
        int past = graph[cache.Past].Index;
        return node.OpType == "GroupQueryAttention" && node.Domain == "com.microsoft"
            && node.Input.Count > PastValue && node.Output.Count > 2
            && (node.Input[PastKey] == cache.Past && node.Output[1] == cache.Present
                || node.Input[PastValue] == cache.Past && node.Output[2] == cache.Present)
            && graph.Nodes.Count(reader => reader.Inputs.Contains(past)) == 1;
    }
}
