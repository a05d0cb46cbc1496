using Orchestrator.Core.Audits;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Availability;

/// <summary>
/// Draws who looks in a round: hosts first, each once, then one node of each, from a signature of the platform over the demand. Many keys of one host are no more likely than
/// one. Nobody can foresee the draw, and everybody can repeat it. Hosts of the same chain come last: they lose with the answer.
/// </summary>
public static class WitnessLottery
{
    /// <summary>The witnesses of a round, in the order drawn.</summary>
    /// <param name="signature">The platform's signature over the demand.</param>
    /// <param name="round">0-based.</param>
    /// <param name="nodes">Live nodes that may work.</param>
    /// <param name="accused">Host of the node that is asked; never a witness.</param>
    /// <param name="involved">Hosts of its chain.</param>
    /// <param name="count">How many, at most.</param>
    public static IReadOnlyList<NodeState> Draw(
        ReadOnlySpan<byte> signature, int round, IEnumerable<NodeState> nodes, string accused, IReadOnlySet<string> involved, int count)
    {
        byte[] seed = signature.ToArray();
        return [.. nodes.Where(n => n.Record.Host != accused).GroupBy(n => n.Record.Host)
            .OrderBy(g => involved.Contains(g.Key))
            .ThenBy(g => AuditLottery.Uniform(seed, $"witness/{round}/{g.Key}"))
            .ThenBy(g => g.Key, StringComparer.Ordinal)
            .Take(count)
            .Select(g => g.OrderBy(n => AuditLottery.Uniform(seed, $"witness/{round}/{n.Record.Node}")).First())];
    }
}
