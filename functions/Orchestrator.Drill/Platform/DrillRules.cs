using Orchestrator.Core.Assurance;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Economics;
using Orchestrator.Core.Pricing;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;

namespace Orchestrator.Drill.Platform;

/// <summary>The rules that the drill's platform plays by: those of the product, and a bond that goes with them.</summary>
public static class DrillRules
{
    /// <summary>Jobs a node may have open at a time; part of what its bond must cover.</summary>
    public const int OpenJobs = 10;

    /// <summary>Audit rate that the bond is computed for. Unknown nodes are audited <see cref="AuditPolicy.NewcomerFactor"/> times as often.</summary>
    public const double AuditTarget = .1;

    /// <summary>Probability that somebody beside our own audits checks an optimistic job inside its window.</summary>
    public const double WatcherShare = .5;

    /// <summary>What audits assume.</summary>
    public static AuditPolicy Audits { get; } = AuditPolicy.Default;

    /// <summary>How stake moves.</summary>
    public static StakeRules Stake { get; } = StakeRules.Default;

    /// <summary>How scores move.</summary>
    public static ReputationRules Reputation { get; } = ReputationRules.Default;

    /// <summary>Times of disputes.</summary>
    public static DisputeRules Disputes { get; } = DisputeRules.Default;

    /// <summary>What inference costs.</summary>
    public static PriceList Prices { get; } = new(100, 500);

    /// <summary>Pay of a stage for a usual job: two layers over sixty tokens.</summary>
    public static long UsualReward { get; } = Prices.Quote(40, 20, 2, 1).Total;

    /// <summary>The smallest bond at which no deviation pays at <see cref="AuditTarget"/>.</summary>
    public static long Bond { get; } = BondCalculator.SmallestBond(
        AuditRate.Terms(Audits, UsualReward, OpenJobs * UsualReward, Stake.Slashes.Deterring), AuditTarget)
        ?? throw new InvalidOperationException("No bond deters at the drill's audit rate.");

    /// <summary>What a challenger puts up.</summary>
    public static long ChallengeBond { get; } = Bond / 100;

    /// <summary>What quotes assume, in the drill's conditions: nobody covers for others and an exact audit of an altered chunk always notices.</summary>
    public static AssuranceModel Model { get; } = AssuranceModel.Default with { DetectorPower = 1, CollusionShare = 0, ChallengerShare = WatcherShare };
}
