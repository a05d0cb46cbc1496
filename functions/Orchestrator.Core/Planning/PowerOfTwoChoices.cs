using Orchestrator.Core.Nodes;

namespace Orchestrator.Core.Planning;

/// <summary>
/// Orders candidates so that the first is the better of two drawn at random (Mitzenmacher, "The power of two choices in randomized
/// load balancing"): load is balanced although every planner sees the same slightly old heartbeats. Losers follow winners, so nobody is left out.
/// </summary>
internal static class PowerOfTwoChoices
{
    public static List<NodeState> Order(IReadOnlyList<NodeState> candidates, ChainRequest request, ulong seed)
    {
        // Sorted by id first: the order in which nodes were listed must not matter.
        var drawn = candidates.OrderBy(n => n.Record.Node.Value, StringComparer.Ordinal).ToList();
        for (int i = drawn.Count - 1; i > 0; i--)
        {
            int j = (int)(SplitMix.Next(ref seed) % (ulong)(i + 1));
            (drawn[i], drawn[j]) = (drawn[j], drawn[i]);
        }

        var winners = new List<NodeState>(drawn.Count);
        var losers = new List<NodeState>(drawn.Count / 2);
        for (int i = 0; i < drawn.Count; i += 2)
        {
            if (i + 1 == drawn.Count)
            {
                winners.Add(drawn[i]);
                continue;
            }

            bool firstWins = NodeCost.Of(drawn[i], request) <= NodeCost.Of(drawn[i + 1], request);
            winners.Add(drawn[firstWins ? i : i + 1]);
            losers.Add(drawn[firstWins ? i + 1 : i]);
        }

        return [.. winners, .. losers];
    }
}
