using System.Text;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Settlement;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>What agreed chains are worth: the answer, its price and who earns what. Pure.</summary>
internal static class Agreement
{
    /// <summary>
    /// The charge, split over the stages of the agreed chains. What pays audits goes to the protocol, which pays auditors; comparisons are over by now, and whoever ran another chain
    /// again is paid for it here.
    /// </summary>
    public static Rewards Rewards(JobSpec spec, IReadOnlyList<ChainSlot> agreed, Comparisons compared)
    {
        var (charge, tokens) = Charge(spec, agreed);
        var work = Split(spec, charge, [.. agreed.Select(slot => slot.Chain)], tokens);
        long checks = Checks(spec, agreed, compared, charge);
        if (checks == 0)
            return work;
        IReadOnlyList<Payout> paid = spec.Assurance.Kind == AssuranceKind.Redundant
            ? Comparing.Payouts(spec, checks, Comparing.Work(spec, [.. agreed.Select(slot => slot.Chain)], compared, tokens))
            : [new Payout($"audits:{spec.Job}", ActorNames.ProtocolAccount, checks)];
        return work with { Payouts = [.. work.Payouts, .. paid] };
    }

    /// <summary>The charge for the start of an answer that was streamed before the job was cancelled.</summary>
    public static (long Charge, Rewards Rewards) Streamed(JobSpec spec, IReadOnlyList<DispatchedChain> chains, int tokens)
    {
        long charge = spec.Quote.Charge(spec.PromptTokens, tokens, chains.Count);
        return (charge, Split(spec, charge, chains, (long)spec.PromptTokens + tokens));
    }

    /// <summary>The answer with all that is known of it.</summary>
    /// <param name="spec">The job.</param>
    /// <param name="agreed">Chains that gave it.</param>
    /// <param name="compared">Chains that were run again for it.</param>
    public static JobAnswer Answer(JobSpec spec, IReadOnlyList<ChainSlot> agreed, Comparisons compared)
    {
        long charge = Charge(spec, agreed).Charge;
        var rewards = Rewards(spec, agreed, compared);
        var first = agreed[0].Result!.Opened;
        bool mixed = Comparing.Runs([.. agreed.Select(slot => slot.Chain)]).Any();
        var info = new OrchestratorInfo(
            spec.Job.Value,
            new AssuranceInfo(
                spec.Assurance.Value,
                (agreed.Count > 1 ? AssuranceLevel.Redundant(agreed.Count) : spec.Assurance).Value,
                agreed.Count,
                Commitment(first),
                Finality.Final,
                null,
                Math.Round((mixed ? spec.Assured.DetectionWithinTolerance : null) ?? spec.Assured.Detection, 6),
                null)
            {
                Comparison = mixed ? ChainComparing.WithinTolerance : null,
            },
            [.. agreed.Select(slot => Chain(slot, rewards))],
            new PriceInfo(spec.Assured.Total, charge + Checks(spec, agreed, compared, charge)),
            LotteryCheck.Receipts(agreed.Select(s => s.Result!.Evidence)));
        return new JobAnswer(first.Result.PromptTokens, first.Result.Choices, info);
    }

    /// <summary>The same answer with another standing.</summary>
    public static JobAnswer With(JobAnswer answer, Finality finality, DateTimeOffset? finalAt = null, LotteryInfo? lottery = null, string? audits = null) => answer with
    {
        Info = answer.Info with { Assurance = answer.Info.Assurance with { Finality = finality, FinalAt = finalAt, Lottery = lottery, Checked = audits } },
    };

    /// <summary>What pays audits or comparisons, in proportion to a charge and its quote: comparisons by what was run again, and never more than was held for them.</summary>
    private static long Checks(JobSpec spec, IReadOnlyList<ChainSlot> agreed, Comparisons compared, long charge)
    {
        if (spec.Quote.Total == 0)
            return 0;
        long checks = (long)((Int128)spec.Assured.Audits * charge / spec.Quote.Total);
        if (spec.Assurance.Kind != AssuranceKind.Redundant)
            return checks;
        long quoted = (long)AssuranceQuote.Comparisons(spec.Chains) * agreed[0].Chain.Stages.Sum(s => s.Layers.Count);
        long ran = Comparing.Work(spec, [.. agreed.Select(slot => slot.Chain)], compared, 0).Sum(w => w.Layers);
        return ran >= quoted && ran > 0 ? checks : (long)((Int128)checks * ran / quoted);
    }

    private static Rewards Split(JobSpec spec, long charge, IReadOnlyList<DispatchedChain> chains, long tokens)
    {
        var work = chains.SelectMany(chain => chain.Stages.Select((s, stage) => new StageWork(chain.Chain, stage, s.Node, s.Host, s.Layers.Count, tokens)));
        return RewardSplit.Split(spec.Job, charge, spec.Quote.Prices, [.. work], ActorNames.ProtocolAccount);
    }

    private static (long Charge, long Tokens) Charge(JobSpec spec, IReadOnlyList<ChainSlot> agreed)
    {
        var result = agreed[0].Result!.Opened.Result;
        int drawn = result.Choices.Sum(c => c.Tokens.Count);
        return (spec.Quote.Charge(result.PromptTokens, drawn, agreed.Count), Math.Min(result.PromptTokens, spec.PromptTokens) + drawn);
    }

    private static ChainInfo Chain(ChainSlot slot, Rewards rewards) => new(
        slot.Chain.Chain,
        slot.Chain.Attempt,
        slot.Result!.Opened.Result.Timing.TotalMicroseconds,
        [.. slot.Chain.Stages.Select((s, stage) => new StageInfo(
            s.Node,
            s.Host,
            stage,
            s.Layers,
            slot.Result.Opened.Receipts[stage].Receipt!.ComputeMicroseconds,
            rewards.Stages.FirstOrDefault(r => r.Work.Chain == slot.Chain.Chain && r.Work.Stage == stage)?.Amount ?? 0))])
    {
        Result = slot.Result!.Evidence,
    };

    private static Digest Commitment(Core.Reconciliation.OpenedResult opened)
    {
        var text = new StringBuilder();
        var outputs = opened.Receipts[^1].Receipt!.Choices;
        for (int choice = 0; choice < opened.Result.Choices.Count; choice++)
            text.Append(string.Join(',', opened.Result.Choices[choice].Tokens)).Append('|').Append(outputs[choice].Output).Append('\n');
        return Digest.Of(Encoding.ASCII.GetBytes(text.ToString()));
    }
}
