namespace Orchestrator.Core.Reconciliation;

/// <summary>What the chains of a job prove together.</summary>
/// <param name="Verdict">The decision.</param>
/// <param name="Agreed">Numbers of the chains whose common answer counts, ascending; empty unless agreed. They are the ones to pay.</param>
/// <param name="Chains">Every chain, in the order given.</param>
/// <param name="Differences">First difference of every pair of valid results that are not equal.</param>
/// <param name="Reason">For people: what decided.</param>
/// <param name="FailureCode">When failed: the common failure code of the chains, see <see cref="Contracts.FailureCodes"/>; null when there is none.</param>
public sealed record ReconciliationResult(
    Verdict Verdict,
    IReadOnlyList<int> Agreed,
    IReadOnlyList<ChainReport> Chains,
    IReadOnlyList<ChainDifference> Differences,
    string Reason,
    string? FailureCode)
{
    /// <summary>When agreed: who made each chain differ that is readable and does not count, against the lowest chain that does.</summary>
    public IReadOnlyList<BlamedChain> Blames { get; init; } = [];

    /// <summary>With <see cref="Verdict.NeedsComparison"/>: what has to be run again by whom.</summary>
    public IReadOnlyList<ToCompare> ToCompare { get; init; } = [];
}

/// <summary>Who made a chain differ.</summary>
/// <param name="Chain">Its number.</param>
/// <param name="Reference">The agreed chain it was compared with.</param>
/// <param name="Blame">Whom to blame.</param>
public sealed record BlamedChain(int Chain, int Reference, Blame Blame);

/// <summary>How one chain stands.</summary>
/// <param name="Chain">Its number.</param>
/// <param name="Agreed">Its answer counts.</param>
/// <param name="Faults">Why its result is not valid; empty when it is.</param>
public sealed record ChainReport(int Chain, bool Agreed, IReadOnlyList<ChainFault> Faults);

/// <summary>What to do with a job's results.</summary>
public enum Verdict
{
    /// <summary>Enough chains gave the same: their answer counts.</summary>
    Agreed,

    /// <summary>Enough chains gave valid results, but in different classes: each other's nodes have to run them again before more can be said.</summary>
    NeedsComparison,

    /// <summary>Valid results differ without a majority, and no chain is left to decide: a referee has to, never a coin. Differences say where to begin.</summary>
    NeedsReferee,

    /// <summary>Another chain, on hosts not used yet, can decide.</summary>
    NeedsThird,

    /// <summary>There are not enough valid results, or the job cannot be run.</summary>
    Failed,
}
