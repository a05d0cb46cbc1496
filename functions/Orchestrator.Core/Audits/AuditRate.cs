using Orchestrator.Core.Economics;
using Orchestrator.Core.Reputation;

namespace Orchestrator.Core.Audits;

/// <summary>How often a node's job is audited: as rarely as its stake allows (<see cref="Deterrence"/>), never below the floor.</summary>
public static class AuditRate
{
    /// <summary>Terms of a job under a policy.</summary>
    /// <param name="policy">What audits assume.</param>
    /// <param name="reward">Micro-credits the node is paid for the job.</param>
    /// <param name="openReward">Micro-credits of all its jobs that may still be challenged, this one included; in units of this job it is the number of open jobs.</param>
    /// <param name="slashShare"><see cref="Stake.SlashSchedule.Deterring"/>.</param>
    public static DeterrenceTerms Terms(AuditPolicy policy, long reward, long openReward, double slashShare)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(reward);
        double open = reward == 0 ? 0 : Math.Max(1, (double)openReward / reward);
        return new(reward, (long)Math.Ceiling(reward * policy.SavingShare), open, policy.DetectorPower, policy.CollusionShare, slashShare);
    }

    /// <summary>The rate at which no deviation pays. A job k times as dear is audited about k times as often, so that cheating on large jobs only does not pay either.</summary>
    /// <param name="policy">What audits assume.</param>
    /// <param name="reward">Micro-credits the node is paid for the job.</param>
    /// <param name="openReward">Micro-credits of all its jobs that may still be challenged.</param>
    /// <param name="stake">Micro-credits it has bonded.</param>
    /// <param name="slashShare"><see cref="Stake.SlashSchedule.Deterring"/>.</param>
    /// <param name="standing">Its <see cref="NodeReputation.Correctness"/>.</param>
    public static AuditDecision For(AuditPolicy policy, long reward, long openReward, long stake, double slashShare, Standing standing)
    {
        policy.Validate();
        ArgumentOutOfRangeException.ThrowIfNegative(stake);
        var terms = Terms(policy, reward, openReward, slashShare);
        bool deterred = Deterrence.BestGain(terms, 1, stake) <= 0;
        double needed = !deterred ? 1
            : Deterrence.BestGain(terms, policy.Floor, stake) <= 0 ? policy.Floor
            : Bisection.SmallestTrue(policy.Floor, 1, rate => Deterrence.BestGain(terms, rate, stake) <= 0);
        return new(Math.Min(1, needed * Caution(policy, standing)), needed, deterred);
    }

    /// <summary>Known nodes well above the threshold 1; unknown ones, and those that sink towards it, up to the newcomer's factor.</summary>
    private static double Caution(AuditPolicy policy, Standing standing)
    {
        if (!standing.Vetted)
            return policy.NewcomerFactor;
        double room = 1 - standing.Threshold;
        double sunk = room <= 0 ? 0 : Math.Clamp((1 - standing.Score) / room, 0, 1);
        return 1 + (policy.NewcomerFactor - 1) * sunk;
    }
}

/// <summary>An audit rate and why.</summary>
/// <param name="Rate">Probability that the job is audited on this node, 0 to 1.</param>
/// <param name="Needed">What its stake makes necessary, before reputation raised it.</param>
/// <param name="Deterred">False when its stake deters at no rate: give it no further work until jobs settle or it bonds more.</param>
public sealed record AuditDecision(double Rate, double Needed, bool Deterred);
