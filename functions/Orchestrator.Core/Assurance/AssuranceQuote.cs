using System.Text.Json.Serialization;
using Orchestrator.Core.Audits;

namespace Orchestrator.Core.Assurance;

/// <summary>What an assurance costs and gives, told before the job runs.</summary>
/// <param name="Level">The assurance.</param>
/// <param name="Total">Micro-credits to set aside: all chains, and the expected audits or comparisons within tolerance.</param>
/// <param name="Audits">The part of <paramref name="Total"/> that pays audits; with redundancy the comparisons of chains of different classes, each by the nodes of every other.</param>
/// <param name="UntilDelivered">Expected extra time until the answer is delivered, against no assurance.</param>
/// <param name="UntilFinal">Expected extra time until it is final.</param>
/// <param name="Detection">
/// Probability that a wrong answer by one node is noticed, under the assumptions in <see cref="AssuranceModel"/>: 0 for none; p(1-r)d sampled; 1 - r^(k-1) redundant,
/// as all other chains would have to lie alike, times d where chains of different classes are compared within tolerance; 1 - (1 - p(1-r)d)(1-h) optimistic. p is that of the node that is audited least, 0 where nobody could audit it.
/// </param>
public sealed record AssuranceQuote(AssuranceLevel Level, long Total, long Audits, TimeSpan UntilDelivered, TimeSpan UntilFinal, double Detection)
{
    /// <summary>Fewest auditors that a node which may serve the job has now; null where nothing is audited.</summary>
    public int? Auditors { get; init; }

    /// <summary>How chains would be compared if they were planned now; null where there are none to compare, or they could not be planned.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChainComparing? Comparison { get; init; }

    /// <summary>The same probability if chains come to be of different classes, and are compared within tolerance; null without redundancy.</summary>
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public double? DetectionWithinTolerance { get; init; }

    /// <summary>Quotes a job.</summary>
    /// <param name="level">The assurance.</param>
    /// <param name="chainPrice">Micro-credits of one chain, see <see cref="Pricing.Quote.Total"/>.</param>
    /// <param name="audits">Audits the job will have.</param>
    /// <param name="model">What is assumed.</param>
    /// <param name="comparison">How chains are going to be compared; null when it is not known.</param>
    /// <exception cref="OverflowException">The price does not fit 64 bits.</exception>
    public static AssuranceQuote For(AssuranceLevel level, long chainPrice, AuditOutlook audits, AssuranceModel model, ChainComparing? comparison = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(chainPrice);
        if (audits.Least is not (>= 0 and <= 1) || audits.Mean is not (>= 0 and <= 1) || audits.Drawn is not (>= 0 and <= 1))
            throw new ArgumentOutOfRangeException(nameof(audits), audits, "Audit rates are 0 to 1.");
        double caught = audits.Least * (1 - model.CollusionShare) * model.DetectorPower;
        bool audited = level.Kind is AssuranceKind.Sampled or AssuranceKind.Optimistic;
        bool redundant = level.Kind == AssuranceKind.Redundant, tolerant = redundant && comparison == ChainComparing.WithinTolerance;
        double checks = audited ? audits.Mean * model.AuditCostShare : tolerant ? Comparisons(level.Chains) * model.ComparisonCostShare : 0;
        long cost = checked((long)decimal.Ceiling(chainPrice * (decimal)checks));
        double alike = 1 - Math.Pow(model.CollusionShare, level.Chains - 1);
        var agreeing = level.Chains > 1 ? model.SlowestChainExtra + (tolerant ? model.AuditTime : TimeSpan.Zero) : TimeSpan.Zero;
        return new(
            level,
            checked(chainPrice * level.Chains + cost),
            cost,
            agreeing,
            level.Kind switch
            {
                AssuranceKind.Sampled => (audits.Auditors > 0 ? model.AuditTime : model.AuditorPatience) * audits.Drawn,
                AssuranceKind.Optimistic => model.ChallengeWindow,
                _ => agreeing,
            },
            level.Kind switch
            {
                AssuranceKind.Sampled => caught,
                AssuranceKind.Redundant => tolerant ? alike * model.DetectorPower : alike,
                AssuranceKind.Optimistic => 1 - (1 - caught) * (1 - model.ChallengerShare),
                _ => 0,
            })
        {
            Auditors = audited ? audits.Auditors : null,
            Comparison = redundant ? comparison : null,
            DetectionWithinTolerance = redundant ? alike * model.DetectorPower : null,
        };
    }

    /// <summary>How often a chain is run again where each of so many is run by the nodes of every other.</summary>
    /// <param name="chains">Chains, all of different classes.</param>
    public static int Comparisons(int chains) => chains * (chains - 1);
}

/// <summary>How the results of a job's chains are compared.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<ChainComparing>))]
public enum ChainComparing
{
    /// <summary>All nodes are of one class: every bit of every stage.</summary>
    [JsonStringEnumMemberName("exact")]
    Exact,

    /// <summary>Nodes are of several classes: each chain's stages are run again by the others' nodes, and fingerprints and draws compared within calibrated limits.</summary>
    [JsonStringEnumMemberName("tolerance")]
    WithinTolerance,
}

/// <summary>What a quote assumes.</summary>
/// <param name="DetectorPower">Probability d that an honest audit of a wrong chunk notices.</param>
/// <param name="CollusionShare">Share r of nodes that lie for each other.</param>
/// <param name="ChallengerShare">Probability h that somebody beyond our own audits checks a job inside its window; 0 counts on nobody.</param>
/// <param name="AuditCostShare">Price of an audit as a part of the chain's price.</param>
/// <param name="ComparisonCostShare">The same of running a chain again to compare it within tolerance.</param>
/// <param name="AuditTime">How long an audit takes from the receipts to the verdict.</param>
/// <param name="AuditorPatience">How long an auditor is looked for where there is none.</param>
/// <param name="SlowestChainExtra">How much longer the slowest of several chains takes than one.</param>
/// <param name="ChallengeWindow">How long an optimistic answer stays provisional.</param>
public sealed record AssuranceModel(
    double DetectorPower,
    double CollusionShare,
    double ChallengerShare,
    double AuditCostShare,
    double ComparisonCostShare,
    TimeSpan AuditTime,
    TimeSpan AuditorPatience,
    TimeSpan SlowestChainExtra,
    TimeSpan ChallengeWindow)
{
    /// <summary>d = .99, r = .2, no outside challengers, audits by the default policy at an eighth of the job's price batched, as comparisons are, and three quarters exact, 10 s audits, 5 min, 200 ms, one hour.</summary>
    public static AssuranceModel Default { get; } = new(
        .99, .2, 0, AuditPolicy.Default.CostShare(.125, .75), .125, TimeSpan.FromSeconds(10), TimeSpan.FromMinutes(5), TimeSpan.FromMilliseconds(200), TimeSpan.FromHours(1));
}
