using Orchestrator.Contracts;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Planning;

/// <summary>
/// Which execution classes get work that is to be checked. A node names its own class, and what it signs is compared bit by bit, and judged, only within one: in a class that
/// nobody else has it could be slashed for nothing. Hosts are accounts; one person may hold several, so that a referee of the class is worth more than any number of hosts.
/// </summary>
/// <param name="LeastHosts">Hosts that must hold a class of no referee; with 1 every class is admitted.</param>
/// <param name="Judged">Classes of the platform's referees.</param>
public sealed record ClassAdmission(int LeastHosts, IReadOnlySet<ExecutionClass> Judged)
{
    /// <summary>Admits every class: for work that nobody checks.</summary>
    public static ClassAdmission Any { get; } = new(1, new HashSet<ExecutionClass>());

    /// <summary>The rule for a job: nothing is promised of <c>none</c>, so that any class may do it.</summary>
    public ClassAdmission For(AssuranceLevel level) => level.Kind == AssuranceKind.None ? Any : this;

    /// <summary>The admitted classes among nodes; null for any. Only live nodes that may work stand for their class.</summary>
    public IReadOnlySet<ExecutionClass>? Admitted(IEnumerable<NodeState> nodes, Liveness liveness, StandingRule standing, DateTimeOffset now)
    {
        if (LeastHosts <= 1)
            return null;
        return nodes.Where(n => !liveness.IsStale(n, now) && standing.Bars(n.Standing, now) is null)
            .GroupBy(n => n.Record.Capability.Class)
            .Where(g => Judged.Contains(g.Key) || g.Select(n => n.Record.Host).Distinct().Take(LeastHosts).Count() == LeastHosts)
            .Select(g => g.Key)
            .ToHashSet();
    }
}
