namespace Orchestrator.Core.Audits;

/// <summary>What audits assume, as data.</summary>
/// <param name="Floor">Least audit rate of any node, above 0 to 1.</param>
/// <param name="DetectorPower">Probability that an honest audit of a wrong chunk notices, 0 to 1; measured by the calibration program.</param>
/// <param name="CollusionShare">Share of auditors assumed to cover for the audited, 0 to 1.</param>
/// <param name="SavingShare">Part of its pay that a node saves by not computing, 0 to 1.</param>
/// <param name="NewcomerFactor">How many times as often a node is audited until it is vetted, 1 or more.</param>
/// <param name="PlantedShare">Planted errors per batched audit, 0 to 1: the platform knows that they cannot come out as claimed; see <see cref="Economics.PlantedShare"/>.</param>
/// <param name="PlantedExactShare">The same per exact audit, which is worth more to who does not do it.</param>
/// <param name="ExactShare">Part of audits that compare every bit from the start, 0 to 1; see <see cref="Economics.ExactShare"/>.</param>
/// <param name="ChunksPerAudit">Chunks drawn of an audited stage, 1 or more.</param>
public sealed record AuditPolicy(
    double Floor,
    double DetectorPower,
    double CollusionShare,
    double SavingShare,
    double NewcomerFactor,
    double PlantedShare,
    double PlantedExactShare,
    double ExactShare,
    int ChunksPerAudit)
{
    /// <summary>1 % floor, d = .99, r = .2, a node saves at most 80 % of its pay, newcomers twice as often, one audit in eight exact; planted are one in twenty, three in ten of the exact ones.</summary>
    public static AuditPolicy Default { get; } = new(.01, .99, .2, .8, 2, .05, .3, .125, 1);

    /// <summary>Planted errors per audit of one mode.</summary>
    public double PlantedOf(bool exact) => exact ? PlantedExactShare : PlantedShare;

    /// <summary>What an audit costs on average, planted ones included, as a part of the audited stage's pay.</summary>
    /// <param name="batched">Pay of a batched audit, as such a part.</param>
    /// <param name="exact">Pay of an exact one.</param>
    public double CostShare(double batched, double exact) => (1 - ExactShare) * (1 + PlantedShare) * batched + ExactShare * (1 + PlantedExactShare) * exact;

    /// <summary>Throws when a number is out of range.</summary>
    /// <exception cref="ArgumentException">Names what to change.</exception>
    public void Validate()
    {
        if (Floor is not (> 0 and <= 1))
            throw new ArgumentException("The audit floor must be above 0 and at most 1.");
        if (DetectorPower is not (> 0 and <= 1) || CollusionShare is not (>= 0 and < 1))
            throw new ArgumentException("Detector power must be above 0 and at most 1, the collusion share 0 or more and below 1.");
        if (SavingShare is not (>= 0 and <= 1) || PlantedShare is not (>= 0 and <= 1) || PlantedExactShare is not (>= 0 and <= 1) || ExactShare is not (>= 0 and <= 1))
            throw new ArgumentException("The saving share, the planted shares and the exact share must be 0 to 1.");
        if (!double.IsFinite(NewcomerFactor) || NewcomerFactor < 1 || ChunksPerAudit < 1)
            throw new ArgumentException("The newcomer factor and the chunks of an audit must be 1 or more.");
    }
}
