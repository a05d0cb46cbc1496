using System.Globalization;
using Orchestrator.ControlPlane.Http;
using Orchestrator.Core.Economics;

namespace Orchestrator.ControlPlane.Economics;

/// <summary>What honesty costs: the smallest bond at which no deviation pays.</summary>
public sealed class EconomicsHandlers(ControlPlaneOptions options)
{
    private const double SecondsPerHour = 3600;

    /// <summary>
    /// <c>GET /api/economics/bond?price=&amp;load=&amp;window=&amp;detection=</c>: pay of a job in micro-credits, jobs per hour, challenge window in seconds,
    /// probability that cheating on a job is proven. Optional: <c>saving</c> (part of the pay saved by not computing), <c>stake</c> (then also what that stake is good for).
    /// </summary>
    public async Task BondAsync(ApiCall call)
    {
        var policy = options.Audits.Policy;
        long price = (long)Number(call, "price", 0, 1e15);
        double load = Number(call, "load", 0, 1e9);
        double window = Number(call, "window", 0, 1e9);
        double detection = Number(call, "detection", 0, 1);
        double saving = Number(call, "saving", 0, 1, policy.SavingShare);
        long? stake = call.Http.Request.Query["stake"].Count == 0 ? null : (long)Number(call, "stake", 0, 1e18);
        double best = policy.DetectorPower * (1 - policy.CollusionShare);
        if (detection > best)
        {
            throw ApiErrors.BadParameter(
                "detection", string.Create(CultureInfo.InvariantCulture, $"'detection' can be at most {best:0.###}: an audit of every job would miss the rest (detector power {policy.DetectorPower}, colluding auditors {policy.CollusionShare})."));
        }

        var terms = new DeterrenceTerms(
            price, (long)Math.Ceiling(price * saving), load * window / SecondsPerHour, policy.DetectorPower, policy.CollusionShare, options.StakeRules.Slashes.Deterring);
        double rate = detection / best;
        long? bond = BondCalculator.SmallestBond(terms, rate);
        await call.WriteAsync(
            new BondView(
                bond, terms.Reward, terms.Saving, terms.OpenJobs, window, detection, rate, terms.DetectorPower, terms.CollusionShare, terms.SlashShare,
                stake, stake is { } s ? BondCalculator.MostOpenJobs(terms, rate, s) : null, stake is { } held && rate > 0 ? Deterrence.BestGain(terms, rate, held) : null),
            ControlPlaneJson.Default.BondView);
    }

    private static double Number(ApiCall call, string name, double least, double most, double? standard = null)
    {
        string? text = call.Http.Request.Query[name];
        if (text is null && standard is { } value)
            return value;
        return double.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out double number) && number >= least && number <= most
            ? number
            : throw ApiErrors.BadParameter(name, string.Create(CultureInfo.InvariantCulture, $"'{name}' must be a number from {least} to {most}."));
    }
}

/// <summary>The smallest bond at which no deviation pays, and what it follows from.</summary>
/// <param name="Bond">Micro-credits; null when no bond deters, because nothing is ever proven.</param>
/// <param name="Reward">Pay of a job.</param>
/// <param name="Saving">What a node saves on a job by not computing it.</param>
/// <param name="OpenJobs">Jobs open within the window at this load.</param>
/// <param name="WindowSeconds">Challenge window.</param>
/// <param name="Detection">Probability that cheating on a job is proven.</param>
/// <param name="AuditRate">Audit rate that gives this probability.</param>
/// <param name="DetectorPower">Probability that an honest audit of a cheated job notices.</param>
/// <param name="CollusionShare">Share of auditors assumed to cover for the cheater.</param>
/// <param name="SlashShare">Part of the stake lost for one proof, less what self-accusation brings back.</param>
/// <param name="Stake">The stake asked about; null for none.</param>
/// <param name="MostOpenJobs">Open jobs that stake deters on.</param>
/// <param name="BestGain">The most a deviation gains with that stake, per proof; at most 0 when none pays.</param>
public sealed record BondView(
    long? Bond,
    long Reward,
    long Saving,
    double OpenJobs,
    double WindowSeconds,
    double Detection,
    double AuditRate,
    double DetectorPower,
    double CollusionShare,
    double SlashShare,
    long? Stake,
    double? MostOpenJobs,
    double? BestGain);
