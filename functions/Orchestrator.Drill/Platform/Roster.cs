using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;
using Orchestrator.Core.Reputation;
using Orchestrator.Drill.Models;
using Orchestrator.Drill.Network;
using Orchestrator.Verification;

namespace Orchestrator.Drill.Platform;

/// <summary>
/// The nodes of a drill's network: per stage some hosts with one node each. Whoever is barred leaves, and comes back at once under a new key with a new
/// bond: the worst case for the network, and the share of cheaters stays what it was.
/// </summary>
public sealed class Roster
{
    private static readonly Liveness Liveness = Liveness.Default;

    private readonly DrillModel model;
    private readonly Treasury treasury;
    private readonly TimeProvider time;
    private readonly Random keys;
    private readonly List<Place> places;
    private readonly Dictionary<NodeId, DrillNode> everybody = [];
    private readonly Dictionary<NodeId, NodeReputation> reputations = [];

    /// <summary>Fills the places.</summary>
    public Roster(DrillModel model, Treasury treasury, TimeProvider time, Random keys, IEnumerable<Seat> seats)
    {
        (this.model, this.treasury, this.time, this.keys) = (model, treasury, time, keys);
        places = [.. seats.Select(seat => new Place(seat, Join(seat)))];
    }

    /// <summary>Nodes there now.</summary>
    public IEnumerable<DrillNode> Present => places.Select(p => p.Node);

    /// <summary>Everybody who ever was there.</summary>
    public IReadOnlyCollection<DrillNode> Ever => everybody.Values;

    /// <summary>A node that is or was there.</summary>
    public DrillNode this[NodeId node] => everybody[node];

    /// <summary>How a node's answers stand.</summary>
    public Standing Standing(NodeId node) => reputations[node].Correctness.Standing(DrillRules.Reputation.Correctness, time.GetUtcNow());

    /// <summary>Counts something seen of a node.</summary>
    public void Observe(NodeId node, string eventId, ObservationKind kind) =>
        reputations[node] = reputations[node].Observe(new Observation(eventId, kind, time.GetUtcNow()), DrillRules.Reputation, time.GetUtcNow());

    /// <summary>Whether a node may get work.</summary>
    public bool MayWork(NodeId node) => treasury[node].MayWork && reputations[node].MayWork(DrillRules.Reputation, time.GetUtcNow());

    /// <summary>Lets everybody who is barred come back as somebody else.</summary>
    public void Refill()
    {
        foreach (var place in places.Where(p => !MayWork(p.Node.Id)))
            place.Node = Join(place.Seat);
    }

    /// <summary>Everybody who is there now, as the platform sees them.</summary>
    public IEnumerable<NodeState> States()
    {
        var now = time.GetUtcNow();
        return Present.Where(n => MayWork(n.Id)).Select(n => State(n, now));
    }

    /// <summary>Plans chains as the platform does; null when there are not enough disjoint ones.</summary>
    public IReadOnlyList<IReadOnlyList<DrillNode>>? Plan(int chains, ulong seed, IReadOnlySet<NodeId> excluded, IReadOnlySet<string> excludedHosts)
    {
        var now = time.GetUtcNow();
        var request = new ChainRequest(model.Digest, model.Manifest, [.. Present.Select(n => State(n, now))], chains, Liveness, now, seed)
        {
            ExcludedNodes = excluded,
            ExcludedHosts = excludedHosts,
        };
        return ChainPlanner.Plan(request) is ChainPlan.Planned planned
            ? [.. planned.Chains.Select(c => (IReadOnlyList<DrillNode>)[.. c.Nodes.Select(n => everybody[n.Record.Node])])]
            : null;
    }

    private DrillNode Join(Seat seat)
    {
        byte[] seed = new byte[32];
        keys.NextBytes(seed);
        var node = new DrillNode(SigningKey.FromSeed(seed), seat.Host, seat.Stage, seat.Conduct(), seat.Cheats);
        everybody.Add(node.Id, node);
        reputations.Add(node.Id, NodeReputation.Newcomer(DrillRules.Reputation, time.GetUtcNow()));
        treasury.Join(node.Id, seat.Host, DrillRules.Bond);
        return node;
    }

    private NodeState State(DrillNode node, DateTimeOffset now) => new(
        new NodeRecord(
            NodeRecord.CurrentSchema, node.Id, node.Host, "drill", "127.0.0.1:1", new Uri("https://127.0.0.1:1"), model.Digest,
            new NodeCapability(1L << 30, 1, 64, model.Loader.Class), 1, now),
        new NodeHeartbeat(NodeHeartbeat.CurrentSchema, node.Id, 1, [new ShardStatus(model.Digest, node.Stage, ShardState.Ready)], 0, false, now),
        now, 0, 0);

    private sealed class Place(Seat seat, DrillNode node)
    {
        public Seat Seat => seat;

        public DrillNode Node { get; set; } = node;
    }
}

/// <summary>A place in the network: whoever sits there runs this stage for this host.</summary>
/// <param name="Host">The host.</param>
/// <param name="Stage">The stage.</param>
/// <param name="Cheats">Whether it cheats.</param>
/// <param name="Conduct">Makes the conduct of the next node in this place.</param>
public sealed record Seat(string Host, int Stage, bool Cheats, Func<Conduct> Conduct);
