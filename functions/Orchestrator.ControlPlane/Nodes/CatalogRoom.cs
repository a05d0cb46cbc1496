using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Core.Nodes;

namespace Orchestrator.ControlPlane.Nodes;

/// <summary>
/// Who is in the catalog. A key costs nothing, so when there is no room, nodes that have been silent for long give way, unless they have a stake or a placement.
/// Of those that never served or owed anything nothing stays. One that comes back is taken in again with its record, which nodes repeat.
/// </summary>
public sealed class CatalogRoom(IActorProxyFactory actors, TopologyCache topology, ControlPlaneOptions options, TimeProvider time)
{
    /// <summary>Nodes looked at in one go: strangers who find no room must not make the platform read all of them again and again.</summary>
    public const int AtOnce = 128;

    private static readonly TimeSpan Pause = TimeSpan.FromSeconds(1);

    private readonly Lock gate = new();
    private long looked;
    private bool begun;
    private NodeId last;

    /// <summary>Whether a node is in the catalog, or there is room for it now.</summary>
    public async Task<bool> HasRoomAsync(NodeId node, CancellationToken cancel)
    {
        var known = (await topology.CatalogAsync(cancel)).Nodes;
        return known.Count < options.MaxNodes || known.Contains(node) || await MakeRoomAsync(known, cancel);
    }

    private async Task<bool> MakeRoomAsync(IReadOnlyList<NodeId> known, CancellationToken cancel)
    {
        List<NodeId> part;
        lock (gate)
        {
            long now = time.GetTimestamp();
            if (begun && time.GetElapsedTime(looked, now) < Pause)
                return false;
            (begun, looked) = (true, now);
            int from = last == default ? 0 : known.TakeWhile(n => string.CompareOrdinal(n.Value, last.Value) <= 0).Count();
            part = [.. known.Skip(from).Concat(known.Take(from)).Take(AtOnce)];
            last = part[^1];
        }

        var placed = (await topology.ModelsAsync(cancel)).Values.SelectMany(m => m.Placements).Select(p => p.Node).ToHashSet();
        var states = await Task.WhenAll(part.Select(id => actors.Node(id).GetAsync()));
        var gone = part.Zip(states).Where(n => !placed.Contains(n.First) && IsGone(n.Second)).Select(n => n.First).ToList();
        if (gone.Count == 0)
            return false;
        await actors.Catalog().RemoveNodesAsync(gone);
        var silentSince = time.GetUtcNow() - options.Liveness.ForgetAfter;
        await Task.WhenAll(gone.Select(id => actors.Node(id).ForgetAsync(silentSince)));
        topology.Invalidate();
        return true;
    }

    private bool IsGone(NodeState? node) => node is null || (node.Standing?.Owner is null && options.Liveness.IsForgotten(node, time.GetUtcNow()));
}
