namespace Orchestrator.Core.Economics;

/// <summary>
/// How many audits must compare every bit from the start. A cheat that keeps all fingerprints within their limits saves the part h of its pay and is met by those audits
/// alone, with probability p(1-r)e; one that does not saves s and is met by all, with p(1-r)d. Both gains of <see cref="Deterrence"/> stand for it: with e ≥ dh/s the
/// hidden cheat brings at most e/d of what the open one brings, and is proven e/d as often. As the loss of the bond is concave in that probability, the gain from hiding is at most
/// a weighted mean of the gains at no and at all open jobs, so that a bond that deters the open cheat deters the hidden one, mixtures of both included.
/// </summary>
public static class ExactShare
{
    /// <summary>The smallest share, 0 to 1.</summary>
    /// <param name="hiddenShare">Part h of its pay that a node can save within the limits, 0 to <paramref name="savingShare"/>.</param>
    /// <param name="savingShare">Part s of its pay that it saves by not computing at all, above 0 to 1.</param>
    /// <param name="detectorPower">Probability d that a batched audit notices a cheat that does not hide, 0 to 1.</param>
    public static double Smallest(double hiddenShare, double savingShare, double detectorPower)
    {
        if (savingShare is not (> 0 and <= 1) || !(hiddenShare >= 0) || hiddenShare > savingShare)
            throw new ArgumentOutOfRangeException(nameof(hiddenShare), hiddenShare, "Must be 0 to the saving share, which must be above 0 and at most 1.");
        if (detectorPower is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(detectorPower), detectorPower, "Must be 0 to 1.");
        return detectorPower * hiddenShare / savingShare;
    }
}
