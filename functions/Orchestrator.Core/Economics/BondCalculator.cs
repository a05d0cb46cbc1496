namespace Orchestrator.Core.Economics;

/// <summary>The smallest bond at which no deviation pays, and the most work a bond is good for. Both by <see cref="Deterrence"/>.</summary>
public static class BondCalculator
{
    /// <summary>Most open jobs considered.</summary>
    public const double MostConsidered = 1e9;

    /// <summary>The smallest bond at which no deviation pays.</summary>
    /// <param name="terms">The job and what stands against cheating.</param>
    /// <param name="rate">Audit rate p, above 0 to 1.</param>
    /// <returns>Micro-credits, 0 or more; null when no bond deters: nothing is ever caught, a proof costs nothing, or the bond does not fit 64 bits.</returns>
    public static long? SmallestBond(DeterrenceTerms terms, double rate)
    {
        terms.Validate();
        if (rate is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(rate), rate, "An audit rate is 0 to 1.");
        double q = terms.Catching(rate);
        if (terms.Saving == 0)
            return 0;
        double most = Math.Max(At(0), At(terms.OpenJobs));
        return most <= 0 ? 0 : most < long.MaxValue ? (long)Math.Ceiling(most) : null;

        double At(double openJobs) => q <= 0 ? double.PositiveInfinity
            : terms.Saving <= q * terms.Reward ? 0
            : (terms.Saving - q * terms.Reward) * (1 / q + openJobs) / Deterrence.Loss(terms, q, openJobs);
    }

    /// <summary>The most open jobs that a stake deters on, at an audit rate; 0 when it is too small for any, <see cref="MostConsidered"/> when there is no limit.</summary>
    public static double MostOpenJobs(DeterrenceTerms terms, double rate, long stake)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(stake);
        if (Deterrence.Gain(terms, rate, stake, 0) > 0)
            return 0;
        return Deterrence.Gain(terms, rate, stake, MostConsidered) <= 0
            ? MostConsidered
            : Bisection.LargestTrue(0, MostConsidered, openJobs => Deterrence.Gain(terms, rate, stake, openJobs) <= 0);
    }
}
