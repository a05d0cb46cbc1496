using Orchestrator.Contracts;

namespace Orchestrator.Core.Reconciliation;

/// <summary>
/// Decides a job from its chains' results: drop the invalid, group the exactly equal, let the largest group win if it is large enough and larger than
/// all others together.
/// </summary>
public static class ChainReconciler
{
    /// <summary>Decides.</summary>
    /// <param name="chains">One per chain dispatched, at most <see cref="Planning.ChainPlanner.MaxChains"/>; only the last attempt of each.</param>
    /// <param name="required">Equal results needed: 1 without redundancy, 2 with.</param>
    /// <param name="mostChains">Chains the job may use in all; when fewer were dispatched a tie asks for one more.</param>
    public static ReconciliationResult Reconcile(IReadOnlyList<ChainOutcome> chains, int required, int mostChains)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chains.Count, Planning.ChainPlanner.MaxChains, nameof(chains));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(required);
        var faults = chains.Select(ChainResultValidator.Validate).ToList();
        var valid = chains.Where((_, i) => faults[i].Count == 0).ToList();
        var differences = Differences(valid);
        var winners = LargestGroup(valid, differences);

        var (verdict, reason, code) = Decide(chains, valid.Count, winners.Count, required, mostChains);
        IReadOnlyList<int> agreed = verdict == Verdict.Agreed ? [.. winners.Order()] : [];
        return new(
            verdict,
            agreed,
            [.. chains.Select((c, i) => new ChainReport(c.Expected.Chain, agreed.Contains(c.Expected.Chain), faults[i]))],
            differences,
            reason,
            code)
        {
            Blames = agreed.Count == 0 ? [] : [.. Blames(chains, faults, chains.First(c => c.Expected.Chain == agreed[0]), agreed)],
        };
    }

    private static IEnumerable<BlamedChain> Blames(IReadOnlyList<ChainOutcome> chains, List<IReadOnlyList<ChainFault>> faults, ChainOutcome reference, IReadOnlyList<int> agreed)
    {
        for (int i = 0; i < chains.Count; i++)
        {
            bool readable = faults[i].All(f => f.Kind is ChainFaultKind.BrokenLink or ChainFaultKind.SwappedTokens);
            if (!readable || agreed.Contains(chains[i].Expected.Chain))
                continue;
            var blame = Enumerable.Range(0, chains[i].Expected.Choices).Select(choice => ChainBlame.ByRoots(chains[i], reference, choice))
                .FirstOrDefault(b => b.Kind != BlameKind.Nobody);
            if (blame is not null)
                yield return new(chains[i].Expected.Chain, reference.Expected.Chain, blame);
        }
    }

    private static (Verdict Verdict, string Reason, string? Code) Decide(
        IReadOnlyList<ChainOutcome> chains, int valid, int equal, int required, int mostChains)
    {
        if (equal >= required && 2 * equal > valid)
            return (Verdict.Agreed, $"{equal} of {chains.Count} chains gave exactly the same.", null);

        // A prompt that does not fit is no chain's fault; when as many say so as would have to agree on an answer, another chain would say the same.
        int tooLong = chains.Count(c => HasFailure(c, FailureCodes.ContextExceeded));
        if (tooLong >= required)
            return (Verdict.Failed, "The prompt and limits do not fit the model's context.", FailureCodes.ContextExceeded);

        string found = $"{valid} of {chains.Count} chains gave a valid result, {equal} of them the same; {required} are needed";
        if (chains.Count < mostChains)
            return (Verdict.NeedsThird, found + ".", null);
        if (valid >= Math.Max(required, 2))
            return (Verdict.NeedsReferee, found + ", and no further chain may be used: a referee has to decide.", null);
        return (Verdict.Failed, found + ", and no further chain may be used.", CommonFailure(chains));
    }

    private static List<ChainDifference> Differences(List<ChainOutcome> valid)
    {
        var differences = new List<ChainDifference>();
        for (int a = 0; a < valid.Count; a++)
        {
            for (int b = a + 1; b < valid.Count; b++)
            {
                if (ChainComparison.FirstDifference(valid[a], valid[b]) is { } difference)
                    differences.Add(difference);
            }
        }

        return differences;
    }

    /// <summary>
    /// The largest set of chains that are equal pair by pair; of several, the one that comes first. Equality need not carry over
    /// (stages of different classes are not compared), so all subsets are tried: at most 2^8.
    /// </summary>
    private static List<int> LargestGroup(List<ChainOutcome> valid, List<ChainDifference> differences)
    {
        var unequal = differences.Select(d => (d.ChainA, d.ChainB)).ToHashSet();
        var best = new List<int>();
        for (int subset = 1; subset < 1 << valid.Count; subset++)
        {
            var group = valid.Where((_, i) => (subset >> i & 1) == 1).Select(c => c.Expected.Chain).ToList();
            if (group.Count > best.Count && !group.Any(a => group.Any(b => unequal.Contains((a, b)))))
                best = group;
        }

        return best;
    }

    private static bool HasFailure(ChainOutcome chain, string code) =>
        chain.Opened?.Result.Failure?.Code == code && ChainResultValidator.Validate(chain) is [{ Kind: ChainFaultKind.Reported }];

    private static string? CommonFailure(IReadOnlyList<ChainOutcome> chains)
    {
        var codes = chains.Select(c => c.Opened?.Result.Failure?.Code).Distinct().ToList();
        return codes is [{ } code] ? code : null;
    }
}
