using Orchestrator.Core.Audits;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Economics;
using Orchestrator.Core.Pricing;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;

namespace Orchestrator.Simulation;

/// <summary>What is simulated. Everything follows from this, bit for bit.</summary>
/// <param name="Nodes">Nodes at the start.</param>
/// <param name="Jobs">Jobs submitted.</param>
/// <param name="Seed">Seed of all randomness.</param>
/// <param name="BondFactor">Bond that nodes post, as a part of the published one; audits go on as if it were whole.</param>
/// <param name="Known">Nodes count as known from the start, so that the newcomer's factor does not help: the case that the bond is computed for.</param>
public sealed record Scenario(int Nodes, int Jobs, ulong Seed, double BondFactor, bool Known = false)
{
    /// <summary>Stages of a chain.</summary>
    public const int Stages = 4;

    /// <summary>Layers of a stage.</summary>
    public const int LayersPerStage = 2;

    /// <summary>Jobs that a node's load is worth in usual jobs: the limit on what it may have open.</summary>
    public const int OpenJobs = 50;

    /// <summary>What an honest node spends on computing, as a part of its pay: the policy assumes no more.</summary>
    public static double CostShare => Policy.SavingShare;

    /// <summary>What a batched audit pays, as a part of what the audited stage was paid.</summary>
    public const double AuditPay = .125;

    /// <summary>What an exact audit pays, as such a part.</summary>
    public const double ExactAuditPay = .75;

    /// <summary>What can be saved with every fingerprint within its limits, as a part of a stage's pay: the most that the share of exact audits deters.</summary>
    public static double HiddenShare => Policy.ExactShare * Policy.SavingShare / Policy.DetectorPower;

    /// <summary>Tokens of small, medium and large jobs.</summary>
    public static readonly int[] Tokens = [100, 400, 2_000];

    /// <summary>Of a hundred jobs so many are at most medium, and so many small.</summary>
    public static readonly int[] Mix = [80, 95];

    /// <summary>How long an answer may be challenged; it is settled after that.</summary>
    public static readonly TimeSpan Window = TimeSpan.FromHours(1);

    /// <summary>From the answer to the end of the dispute that proves it wrong.</summary>
    public static readonly TimeSpan Conviction = TimeSpan.FromMinutes(45);

    /// <summary>How long the jobs take to come in, whatever their number: a hundred stage runs take six hours.</summary>
    public TimeSpan Duration => TimeSpan.FromHours(6) * ((double)Jobs * Stages / Nodes / 50);

    public static PriceList Prices { get; } = new(10, 500);

    public static AuditPolicy Policy { get; } = AuditPolicy.Default;

    public static StakeRules Stake { get; } = StakeRules.Default;

    public static ReputationRules Reputation { get; } = ReputationRules.Default;

    public static DisputeRules Disputes { get; } = DisputeRules.Default;

    /// <summary>What a stage is paid for a job of so many tokens.</summary>
    public static long Reward(int tokens)
    {
        long charge = Prices.Quote(tokens, 0, LayersPerStage * Stages, 1).Total;
        return (charge - Prices.FeeOf(charge)) / Stages;
    }

    /// <summary>Most pay a node may have open at a time.</summary>
    public static long OpenLimit { get; } = OpenJobs * Reward(Tokens[0]);

    /// <summary>The smallest bond at which auditing usual jobs at the floor leaves no deviation that pays.</summary>
    public static long PublishedBond { get; } =
        BondCalculator.SmallestBond(AuditRate.Terms(Policy, Reward(Tokens[0]), OpenLimit, Stake.Slashes.Deterring), Policy.Floor)!.Value;

    /// <summary>The bond that nodes post.</summary>
    public long Bond => (long)Math.Ceiling(PublishedBond * BondFactor);

    public static ChallengeBond Challenge { get; } = ChallengeBond.Of(Reward(Tokens[2]));
}
