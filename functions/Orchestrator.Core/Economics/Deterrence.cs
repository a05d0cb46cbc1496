namespace Orchestrator.Core.Economics;

/// <summary>
/// What a job is worth to the node that serves it and what stands against cheating on it. See <see cref="Deterrence"/>.
/// </summary>
/// <param name="Reward">Micro-credits the node is paid for a job, 0 or more; lost when the job is found wrong.</param>
/// <param name="Saving">Micro-credits it saves by not computing, 0 or more; the worst case is its whole cost.</param>
/// <param name="OpenJobs">Jobs it can take on between cheating and being barred for it: load times (challenge window and longest dispute). 0 or more.</param>
/// <param name="DetectorPower">Probability d that an honest audit of a cheated job notices, 0 to 1.</param>
/// <param name="CollusionShare">Share r of auditors that cover for the cheater, 0 to 1.</param>
/// <param name="SlashShare">Part f of the stake lost for one proof, net of what self-accusation brings back, 0 to 1; see <see cref="Stake.SlashSchedule.Deterring"/>.</param>
public sealed record DeterrenceTerms(long Reward, long Saving, double OpenJobs, double DetectorPower, double CollusionShare, double SlashShare)
{
    /// <summary>Probability q = p(1-r)d that cheating on one job is proven, at audit rate p.</summary>
    public double Catching(double rate) => rate * (1 - CollusionShare) * DetectorPower;

    internal void Validate()
    {
        ArgumentOutOfRangeException.ThrowIfNegative(Reward);
        ArgumentOutOfRangeException.ThrowIfNegative(Saving);
        if (!double.IsFinite(OpenJobs) || OpenJobs < 0)
            throw new ArgumentOutOfRangeException(nameof(OpenJobs), OpenJobs, "Open jobs must be 0 or more.");
        Share(DetectorPower, nameof(DetectorPower));
        Share(CollusionShare, nameof(CollusionShare));
        Share(SlashShare, nameof(SlashShare));

        static void Share(double value, string name)
        {
            if (value is not (>= 0 and <= 1))
                throw new ArgumentOutOfRangeException(name, value, "Must be 0 to 1.");
        }
    }
}

/// <summary>
/// The one inequality behind bonds, audit rates and load limits.
/// <para>
/// A job that is cheated on brings C (the saving) and is proven with probability q = p(1-r)d, which costs R (its pay) and the part f of what is left of the bond B.
/// For one job this is PoSP's p(1-r)d(R+S) ≥ C with S = fB (arXiv 2405.00295). But up to N further jobs may be cheated on before the first proof
/// bars the node, and proofs hit a stake that earlier ones have shrunk. Whatever the node does, let π be the probability that some proof comes, n ≤ N the jobs cheated on
/// after the first that will be proven. Optional stopping gives π/q jobs up to that one, so the expected gain over honesty is
/// </para>
/// <code>π · [ (C - qR)(1/q + n) - B(1 - (1-f)(1-qf)^n) ]</code>
/// <para>
/// which is convex in n, so largest at n = 0 or n = N. If the bracket is at most 0 at both, no strategy pays, however it picks jobs, watches or stops.
/// What a barred node would have earned later is not counted: a new key costs nothing.
/// </para>
/// </summary>
public static class Deterrence
{
    /// <summary>The most a deviation can gain over honesty per proof, in micro-credits; at most 0 when none pays.</summary>
    /// <param name="terms">The job and what stands against cheating.</param>
    /// <param name="rate">Audit rate p, 0 to 1.</param>
    /// <param name="bond">Stake B, in micro-credits.</param>
    public static double BestGain(DeterrenceTerms terms, double rate, double bond) =>
        Math.Max(Gain(terms, rate, bond, 0), Gain(terms, rate, bond, terms.OpenJobs));

    /// <summary>The same for a node that cheats on just <paramref name="openJobs"/> further jobs before it is barred.</summary>
    public static double Gain(DeterrenceTerms terms, double rate, double bond, double openJobs)
    {
        terms.Validate();
        double q = terms.Catching(rate);
        if (terms.Saving == 0)
            return 0;
        if (q <= 0)
            return double.PositiveInfinity;
        return (terms.Saving - q * terms.Reward) * (1 / q + openJobs) - bond * Loss(terms, q, openJobs);
    }

    /// <summary>Expected part of the bond lost: 1 - (1-f)(1-qf)^n.</summary>
    internal static double Loss(DeterrenceTerms terms, double q, double openJobs) =>
        1 - (1 - terms.SlashShare) * Math.Pow(1 - q * terms.SlashShare, openJobs);
}
