using Orchestrator.Contracts;

namespace Orchestrator.Core.Reconciliation;

/// <summary>
/// Decides a job from its chains' results: drop the invalid, group the equal, let the largest group win if it is large enough and larger than
/// all others together. Equal is every bit within one class, and within tolerance between classes.
/// </summary>
public static class ChainReconciler
{
    /// <summary>Decides.</summary>
    /// <param name="chains">One per chain dispatched, at most <see cref="Planning.ChainPlanner.MaxChains"/>; only the last attempt of each.</param>
    /// <param name="required">Equal results needed: 1 without redundancy, 2 with.</param>
    /// <param name="mostChains">Chains the job may use in all; when fewer were dispatched a tie asks for one more.</param>
    /// <param name="compared">What is known of chains of different classes; null for nothing.</param>
    public static ReconciliationResult Reconcile(IReadOnlyList<ChainOutcome> chains, int required, int mostChains, IReadOnlyList<ToleranceFinding>? compared = null)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(chains.Count, Planning.ChainPlanner.MaxChains, nameof(chains));
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(required);
        var faults = chains.Select(ChainResultValidator.Validate).ToList();
        var valid = chains.Where((_, i) => faults[i].Count == 0).ToList();
        var (differences, open) = Differences(valid, compared ?? []);
        var winners = LargestGroup(valid, [.. differences.Select(d => (d.ChainA, d.ChainB)), .. open.Select(o => (o.Chain, o.By))]);

        var (verdict, reason, code) = Decide(chains, valid.Count, winners.Count, open.Count, required, mostChains);
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
            ToCompare = verdict == Verdict.NeedsComparison ? open : [],
        };
    }

    private static IEnumerable<BlamedChain> Blames(IReadOnlyList<ChainOutcome> chains, List<IReadOnlyList<ChainFault>> faults, ChainOutcome reference, IReadOnlyList<int> agreed)
    {
        for (int i = 0; i < chains.Count; i++)
        {
            bool readable = faults[i].All(f => f.Kind is ChainFaultKind.BrokenLink or ChainFaultKind.SwappedTokens);
            // Between classes roots blame nobody: whoever was beyond tolerance has been judged by then.
            if (!readable || agreed.Contains(chains[i].Expected.Chain) || ToleranceComparison.Applies(chains[i], reference))
                continue;
            var blame = Enumerable.Range(0, chains[i].Expected.Choices).Select(choice => ChainBlame.ByRoots(chains[i], reference, choice))
                .FirstOrDefault(b => b.Kind != BlameKind.Nobody);
            if (blame is not null)
                yield return new(chains[i].Expected.Chain, reference.Expected.Chain, blame);
        }
    }

    private static (Verdict Verdict, string Reason, string? Code) Decide(
        IReadOnlyList<ChainOutcome> chains, int valid, int equal, int open, int required, int mostChains)
    {
        if (equal >= required && 2 * equal > valid)
            return (Verdict.Agreed, $"{equal} of {chains.Count} chains gave the same.", null);
        if (open > 0 && valid >= required)
            return (Verdict.NeedsComparison, $"{valid} of {chains.Count} chains gave a valid result, in different execution classes: they have to be compared within tolerance.", null);

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

    private static (List<ChainDifference> Found, List<ToCompare> Open) Differences(List<ChainOutcome> valid, IReadOnlyList<ToleranceFinding> compared)
    {
        var differences = new List<ChainDifference>();
        var open = new List<ToCompare>();
        for (int a = 0; a < valid.Count; a++)
        {
            for (int b = a + 1; b < valid.Count; b++)
            {
                IReadOnlyList<ToCompare> missing = [];
                var difference = ToleranceComparison.Applies(valid[a], valid[b])
                    ? ToleranceComparison.Difference(valid[a], valid[b], compared, out missing)
                    : ChainComparison.FirstDifference(valid[a], valid[b]);
                if (difference is not null)
                    differences.Add(difference);
                open.AddRange(missing);
            }
        }

        return (differences, open);
    }

    /// <summary>
    /// The largest set of chains that are equal pair by pair; of several, the one that comes first. Equality need not carry over
    /// (within tolerance of one chain is not within tolerance of all that are), so all subsets are tried: at most 2^8.
    /// </summary>
    private static List<int> LargestGroup(List<ChainOutcome> valid, HashSet<(int, int)> unequal)
    {
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
