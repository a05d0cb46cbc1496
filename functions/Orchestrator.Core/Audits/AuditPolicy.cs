namespace Orchestrator.Core.Audits;

/// <summary>What audits assume, as data.</summary>
/// <param name="Floor">Least audit rate of any node, above 0 to 1.</param>
/// <param name="DetectorPower">Probability that an honest audit of a wrong chunk notices, 0 to 1; measured by the calibration program.</param>
/// <param name="CollusionShare">Share of auditors assumed to cover for the audited, 0 to 1.</param>
/// <param name="SavingShare">Part of its pay that a node saves by not computing, 0 to 1.</param>
/// <param name="NewcomerFactor">How many times as often a node is audited until it is vetted, 1 or more.</param>
/// <param name="PlantedShare">Part of audits whose right report the platform knows already, because the error is planted, 0 to 1.</param>
/// <param name="ChunksPerAudit">Chunks drawn of an audited stage, 1 or more.</param>
public sealed record AuditPolicy(
    double Floor, double DetectorPower, double CollusionShare, double SavingShare, double NewcomerFactor, double PlantedShare, int ChunksPerAudit)
{
    /// <summary>1 % floor, d = .99, r = .2, a node saves at most 80 % of its pay, newcomers twice as often, one audit in twenty planted.</summary>
    public static AuditPolicy Default { get; } = new(.01, .99, .2, .8, 2, .05, 1);

    /// <summary>Throws when a number is out of range.</summary>
    /// <exception cref="ArgumentException">Names what to change.</exception>
    public void Validate()
    {
        if (Floor is not (> 0 and <= 1))
            throw new ArgumentException("The audit floor must be above 0 and at most 1.");
        if (DetectorPower is not (> 0 and <= 1) || CollusionShare is not (>= 0 and < 1))
            throw new ArgumentException("Detector power must be above 0 and at most 1, the collusion share 0 or more and below 1.");
        if (SavingShare is not (>= 0 and <= 1) || PlantedShare is not (>= 0 and <= 1))
            throw new ArgumentException("The saving share and the planted share must be 0 to 1.");
        if (!double.IsFinite(NewcomerFactor) || NewcomerFactor < 1 || ChunksPerAudit < 1)
            throw new ArgumentException("The newcomer factor and the chunks of an audit must be 1 or more.");
    }
}
