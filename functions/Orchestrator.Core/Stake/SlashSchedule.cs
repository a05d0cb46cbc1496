using System.Collections.Immutable;

namespace Orchestrator.Core.Stake;

/// <summary>What a node can be slashed for. Absence is not among them: it costs reputation and pay only.</summary>
public enum FaultKind
{
    /// <summary>A referee ran one operator on agreed inputs and got something else than the node committed to.</summary>
    WrongResult,

    /// <summary>Two signed statements of the node contradict each other.</summary>
    Contradiction,

    /// <summary>
    /// The node signed a receipt and then did not serve its evidence until the deadline, while the other party, asked at the same time over
    /// the same platform, did. Costs as much as <see cref="WrongResult"/>, or hiding would be cheaper than being proven wrong.
    /// </summary>
    Withholding,

    /// <summary>An audit report that the platform knows to be wrong, because the error was planted.</summary>
    LazyAudit,

    /// <summary>An accusation that lost its dispute.</summary>
    FalseAccusation,
}

/// <summary>The price of a fault.</summary>
/// <param name="Fault">Which.</param>
/// <param name="BasisPoints">Part of everything still staked, bonded or unbonding, 0 to 10,000.</param>
/// <param name="Minimum">Micro-credits taken at least, as far as they are there.</param>
/// <param name="Jail">How long the node is barred; it also has to ask for its release.</param>
/// <param name="Tombstone">Barred for good: only for faults that cannot happen by accident.</param>
public sealed record SlashRule(FaultKind Fault, int BasisPoints, long Minimum, TimeSpan Jail, bool Tombstone);

/// <summary>
/// Who gets what was slashed, in basis points; the rest is burned. The reporter's part must stay well below the whole: a cheater who accuses
/// itself through another account gets it back, so only the rest deters (<see cref="SlashSchedule.Deterring"/>).
/// </summary>
/// <param name="ReporterBasisPoints">To the auditor or challenger who brought the proof.</param>
/// <param name="RefundBasisPoints">To the account that refunds harmed developers.</param>
/// <param name="TreasuryBasisPoints">To the protocol.</param>
public sealed record SlashSplit(int ReporterBasisPoints, int RefundBasisPoints, int TreasuryBasisPoints);

/// <summary>Faults and their prices as data.</summary>
/// <param name="Rules">One per fault; a fault that is not listed costs nothing.</param>
/// <param name="Split">Who gets what was slashed.</param>
public sealed record SlashSchedule(ImmutableArray<SlashRule> Rules, SlashSplit Split)
{
    /// <summary>The whole in basis points.</summary>
    public const int Whole = 10_000;

    /// <summary>
    /// Half for a wrong result or withheld evidence, all for a signed contradiction, a quarter for a lazy audit, a tenth for a lost accusation. Half rather than the 5 % common
    /// among chains of full validators: a node's fault is proven on one operator, and the bond that deters shrinks with the part at risk.
    /// </summary>
    public static SlashSchedule Default { get; } = new(
        [
            new(FaultKind.WrongResult, 5_000, 0, TimeSpan.FromDays(1), Tombstone: true),
            new(FaultKind.Contradiction, 10_000, 0, TimeSpan.FromDays(1), Tombstone: true),
            new(FaultKind.Withholding, 5_000, 0, TimeSpan.FromDays(1), Tombstone: false),
            new(FaultKind.LazyAudit, 2_500, 0, TimeSpan.FromHours(6), Tombstone: false),
            new(FaultKind.FalseAccusation, 1_000, 0, TimeSpan.FromHours(6), Tombstone: false),
        ],
        new(ReporterBasisPoints: 2_500, RefundBasisPoints: 2_500, TreasuryBasisPoints: 0));

    /// <summary>The rule of a fault; null when it costs nothing.</summary>
    public SlashRule? this[FaultKind fault] => Rules.FirstOrDefault(r => r.Fault == fault);

    /// <summary>
    /// Part of a cheater's stake, 0 to 1, that being caught costs at least: the cheaper of being proven wrong and of withholding, less
    /// what it would get back by reporting itself.
    /// </summary>
    public double Deterring
    {
        get
        {
            int cheaper = Math.Min(this[FaultKind.WrongResult]?.BasisPoints ?? 0, this[FaultKind.Withholding]?.BasisPoints ?? 0);
            return cheaper * (double)(Whole - Split.ReporterBasisPoints) / ((double)Whole * Whole);
        }
    }

    /// <summary>Throws when a number is out of range or a fault is listed twice.</summary>
    /// <exception cref="ArgumentException">Names what to change.</exception>
    public void Validate()
    {
        foreach (var rule in Rules)
        {
            if (rule.BasisPoints is < 0 or > Whole || rule.Minimum < 0 || rule.Jail < TimeSpan.Zero)
                throw new ArgumentException($"The slash rule for {rule.Fault} needs 0 to {Whole} basis points, and a minimum and jail of 0 or more.");
        }

        if (Rules.DistinctBy(r => r.Fault).Count() != Rules.Length)
            throw new ArgumentException("The slash schedule lists a fault twice.");
        int[] parts = [Split.ReporterBasisPoints, Split.RefundBasisPoints, Split.TreasuryBasisPoints];
        if (parts.Any(p => p < 0) || parts.Sum(p => (long)p) > Whole)
            throw new ArgumentException($"The parts of the slash split must be 0 or more and at most {Whole} basis points together.");
    }
}
