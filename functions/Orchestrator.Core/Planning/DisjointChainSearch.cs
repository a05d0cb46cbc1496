using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Planning;

/// <summary>
/// Finds chains whose host sets are disjoint, trying candidates in the order given. Depth-first over (chain, stage); a host belongs to the
/// first chain that takes it. A chain that already has a host for a stage keeps to it, so that it uses up as few hosts as it can.
/// <para>
/// Guarantee: chains are found whenever they exist and the search ends within <see cref="MaxSteps"/>. In general the problem is disjoint set
/// cover (NP-hard), but the usual shapes never backtrack: hosts that hold one stage each, and hosts that hold all. The choice is greedy in candidate order, not
/// of least total cost.
/// </para>
/// </summary>
internal sealed class DisjointChainSearch(IReadOnlyList<IReadOnlyList<NodeState>> ordered, int chains)
{
    /// <summary>Placements of a node tried before giving up; reached only by large tangled topologies.</summary>
    public const int MaxSteps = 100_000;

    private readonly int stages = ordered.Count;
    private readonly Dictionary<string, int> owner = new(StringComparer.Ordinal);
    private readonly NodeState[][] chosen = [.. Enumerable.Range(0, chains).Select(_ => new NodeState[ordered.Count])];
    private readonly HashSet<string> dead = new(StringComparer.Ordinal);
    private int steps;

    /// <summary>Whether the search gave up before it had seen everything.</summary>
    public bool Undecided => steps > MaxSteps;

    /// <summary>The chains, or null.</summary>
    public IReadOnlyList<PlannedChain>? Find() =>
        EnoughHostsFor(chains) && Extend(0, 0) ? [.. chosen.Select(c => new PlannedChain(c))] : null;

    private bool Extend(int chain, int stage)
    {
        if (stage == stages)
        {
            chain++;
            stage = 0;
            if (chain == chains)
                return true;
            if (!EnoughHostsFor(chains - chain) || dead.Contains(Used(chain)))
                return false;
        }

        foreach (var node in Preferred(chain, stage))
        {
            if (++steps > MaxSteps)
                return false;
            bool taken = owner.TryAdd(node.Record.Host, chain);
            chosen[chain][stage] = node;
            if (Extend(chain, stage + 1))
                return true;
            if (taken)
                owner.Remove(node.Record.Host);
        }

        if (stage == 0 && !Undecided)
            dead.Add(Used(chain));
        return false;
    }

    /// <summary>
    /// A node on this chain's hosts, if there is one (the last stage's node before others: one hop less); then no further host need be
    /// tried, since taking more can only make the rest harder. Else one node of each free host.
    /// </summary>
    private IReadOnlyList<NodeState> Preferred(int chain, int stage)
    {
        var own = ordered[stage].Where(n => owner.TryGetValue(n.Record.Host, out int by) && by == chain);
        var last = stage > 0 ? chosen[chain][stage - 1] : null;
        if ((own.FirstOrDefault(n => ReferenceEquals(n, last)) ?? own.FirstOrDefault()) is { } near)
            return [near];

        var hosts = new HashSet<string>(StringComparer.Ordinal);
        return [.. ordered[stage].Where(n => !owner.ContainsKey(n.Record.Host) && hosts.Add(n.Record.Host))];
    }

    private bool EnoughHostsFor(int more)
    {
        foreach (var stage in ordered)
        {
            if (stage.Select(n => n.Record.Host).Where(h => !owner.ContainsKey(h)).Distinct().Take(more).Count() < more)
                return false;
        }

        return true;
    }

    // What is left to the chains from here on depends only on which hosts are gone.
    private string Used(int chain) => chain + "|" + string.Join('|', owner.Keys.Order(StringComparer.Ordinal));
}
