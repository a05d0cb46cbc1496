namespace Orchestrator.Core.Economics;

/// <summary>
/// How many audits must carry a planted error so that calling everything right without looking does not pay: an audit not computed saves A, and with the
/// planted share π costs the part f of the stake B, so π f B ≥ A.
/// </summary>
public static class PlantedShare
{
    /// <summary>The smallest share, 0 to 1; 1 also when no share deters.</summary>
    /// <param name="auditSaving">Micro-credits an auditor saves by not computing an audit: at most its pay for the largest one.</param>
    /// <param name="stake">Micro-credits it has bonded.</param>
    /// <param name="slashShare">Part of it that <see cref="Stake.FaultKind.LazyAudit"/> costs, 0 to 1.</param>
    public static double Smallest(long auditSaving, long stake, double slashShare)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(auditSaving);
        ArgumentOutOfRangeException.ThrowIfNegative(stake);
        if (slashShare is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(slashShare), slashShare, "Must be 0 to 1.");
        return auditSaving == 0 ? 0 : Math.Min(1, auditSaving / (slashShare * stake));
    }
}
