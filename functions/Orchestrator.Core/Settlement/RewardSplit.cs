using Orchestrator.Contracts;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Pricing;

namespace Orchestrator.Core.Settlement;

/// <summary>
/// Splits a charge: the protocol's fee first, the rest over the stages that worked by layers times tokens, rounded by largest remainder so that the
/// parts sum to the charge exactly. Ties go to the lower chain, then the lower stage.
/// </summary>
public static class RewardSplit
{
    /// <summary>Splits a charge over the work of the chains that agreed.</summary>
    /// <param name="job">The job; part of every event id.</param>
    /// <param name="charge">Micro-credits, 0 or more.</param>
    /// <param name="prices">Gives the protocol's fee.</param>
    /// <param name="work">Stages of the agreeing chains; their order does not matter.</param>
    /// <param name="protocolAccount">Account of the fee. Without work it gets nothing and all is refunded.</param>
    public static Rewards Split(JobId job, long charge, PriceList prices, IReadOnlyList<StageWork> work, string protocolAccount)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(charge);
        var ordered = work.OrderBy(w => w.Chain).ThenBy(w => w.Stage).ToList();
        var weights = ordered.Select(w => checked(w.Layers * w.Tokens)).ToList();
        if (weights.Any(w => w < 0))
            throw new ArgumentException("Layers and tokens must be 0 or more.", nameof(work));
        if (charge == 0 || weights.All(w => w == 0))
            return new Rewards([], [], 0);

        long fee = prices.FeeOf(charge);
        var parts = LargestRemainder.Split(charge - fee, weights);
        var stages = ordered.Select((w, i) => new StageReward(w, weights[i], parts[i])).ToList();
        var payouts = stages.GroupBy(s => s.Work.Host, StringComparer.Ordinal)
            .Select(g => new Payout($"payout:{job}:{g.Key}", g.Key, g.Sum(s => s.Amount)))
            .Append(new Payout($"fee:{job}", protocolAccount, fee))
            .Where(p => p.Amount > 0)
            .OrderBy(p => p.EventId, StringComparer.Ordinal);
        return new Rewards([.. payouts], stages, fee);
    }
}

/// <summary>Work of one stage of a chain that agreed.</summary>
/// <param name="Chain">Number of the chain within the job.</param>
/// <param name="Stage">Place in the chain.</param>
/// <param name="Node">The node.</param>
/// <param name="Host">The account that is paid for it.</param>
/// <param name="Layers">Layers it ran.</param>
/// <param name="Tokens">Tokens it ran them over.</param>
public sealed record StageWork(int Chain, int Stage, NodeId Node, string Host, int Layers, long Tokens);

/// <summary>Who gets what.</summary>
/// <param name="Payouts">One per host, and the fee; they sum to the charge. For <see cref="Accounts.Settlement"/>.</param>
/// <param name="Stages">The same by stage, without the fee.</param>
/// <param name="Fee">The protocol's part.</param>
public sealed record Rewards(IReadOnlyList<Payout> Payouts, IReadOnlyList<StageReward> Stages, long Fee);

/// <summary>What one stage earned.</summary>
/// <param name="Work">The stage.</param>
/// <param name="LayerTokens">Its layers times tokens.</param>
/// <param name="Amount">Micro-credits.</param>
public sealed record StageReward(StageWork Work, long LayerTokens, long Amount);
