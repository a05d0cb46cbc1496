using Orchestrator.Contracts;

namespace Orchestrator.Core.Planning;

/// <summary>
/// Chooses chains: filter the nodes that may serve, order each stage's by <see cref="PowerOfTwoChoices"/>, search for disjoint chains of one class, then of those that may be mixed.
/// The same request always gives the same plan, in whatever order nodes are listed.
/// </summary>
public static class ChainPlanner
{
    /// <summary>Most chains one job may ask for.</summary>
    public const int MaxChains = 8;

    /// <summary>Plans as many chains as asked for, or says what is missing.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The number of chains is out of range.</exception>
    public static ChainPlan Plan(ChainRequest request)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(request.Chains, 1, nameof(request));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(request.Chains, MaxChains, nameof(request));
        var all = new Candidates(request, only: null);
        if (all.Missing() is { } missing)
            return missing;
        bool anyUndecided = false;
        foreach (var @class in ClassesByHosts(all))
        {
            if (Search(request, new Candidates(request, new HashSet<ExecutionClass> { @class }), out bool undecided) is { } plan)
                return plan;
            anyUndecided |= undecided;
        }

        if (request.Mixable.Count > 0)
        {
            if (Search(request, new Candidates(request, request.Mixable), out bool undecided) is { } mixed)
                return mixed;
            anyUndecided |= undecided;
        }

        return TooFew(request, all, anyUndecided);
    }

    private static ChainPlan? Search(ChainRequest request, Candidates candidates, out bool undecided)
    {
        var search = new DisjointChainSearch(
            [.. candidates.ByStage.Select((nodes, stage) => PowerOfTwoChoices.Order(nodes, request, request.Seed + (ulong)stage))],
            request.Chains);
        var chains = search.Find();
        undecided = search.Undecided;
        return chains is null ? null : new ChainPlan.Planned(chains);
    }

    /// <summary>The class with most hosts first; ties by name.</summary>
    private static IEnumerable<ExecutionClass> ClassesByHosts(Candidates candidates) =>
        candidates.ByStage.SelectMany(nodes => nodes)
            .GroupBy(n => n.Record.Capability.Class)
            .OrderByDescending(g => g.Select(n => n.Record.Host).Distinct().Count())
            .ThenBy(g => g.Key.ToString(), StringComparer.Ordinal)
            .Select(g => g.Key);

    private static ChainPlan.Impossible TooFew(ChainRequest request, Candidates candidates, bool undecided)
    {
        var hosts = candidates.ByStage.Select(nodes => nodes.Select(n => n.Record.Host).Distinct().Count()).ToList();
        string counts = string.Join(", ", hosts.Select((count, stage) => $"stage {stage} on {count}"));
        if (undecided)
            return new(ChainPlanFailure.Undecided, null, $"No {request.Chains} disjoint chains found in {DisjointChainSearch.MaxSteps} steps (hosts: {counts}).");
        int scarce = hosts.IndexOf(hosts.Min());
        return new(
            ChainPlanFailure.TooFewHosts,
            hosts[scarce] < request.Chains ? scarce : null,
            $"{request.Chains} chains on disjoint hosts of one execution class do not exist (hosts: {counts}).{Unmixed(request, candidates)}");
    }

    /// <summary>Why nodes of several classes do not make up for it.</summary>
    private static string Unmixed(ChainRequest request, Candidates candidates)
    {
        var classes = ClassesByHosts(candidates).ToList();
        int mixable = classes.Count(request.Mixable.Contains);
        if (request.Chains == 1 || classes.Count == 1)
            return "";
        return mixable > 1
            ? $" Nor do they of the {mixable} classes that can be compared within tolerance."
            : $" Chains of different classes are compared only where limits between them were calibrated; they were not for these {classes.Count}.";
    }
}
