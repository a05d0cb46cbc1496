using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.Core.Audits;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>
/// Draws the audits of an answer whose receipts are in: rates by stake and reputation, chance by the platform's signature over the receipts. If anything is to be checked,
/// whoever waits for the answer gets it now, as provisional.
/// </summary>
public sealed class DrawActivity(SigningKey platform, StakeDesk stakes, OpenRewards open, JobSignals signals, ControlPlaneOptions options) : IActivity<DrawRequest, Drawing>
{
    /// <summary>Registered name.</summary>
    public const string Name = "draw-audits";

    /// <inheritdoc />
    public async Task<Drawing> RunAsync(ActivityContext context, DrawRequest input)
    {
        double slashed = options.StakeRules.Slashes.Deterring;
        var tickets = await Task.WhenAll(input.Stages.Select(async stage =>
        {
            var stake = await stakes.GetAsync(stage.Node);
            long unsettled = open.Add(stage.Node, input.Job, stage.Reward, input.Until);
            var decision = AuditRate.For(options.Audits.Policy, stage.Reward, unsettled, stake.Book?.Bonded ?? 0, slashed, stake.Correctness);
            // Drawn by the very rate that is published.
            return new StageTicket(stage.Chain, stage.Stage, Math.Round(decision.Rate, 6), stage.Chunks);
        }));
        byte[] signature = platform.Sign(LotteryCheck.Signed(input.Answer.Info.Receipts));
        var draws = AuditLottery.Draw(signature, tickets, options.Audits.Policy);
        if (input.Announce || draws.Count > 0)
            signals.Settled(input.Job, new JobOutcome(JobPhase.Provisional, input.Answer, null));
        return new Drawing(Convert.ToHexStringLower(signature), tickets, draws, options.Audits.Policy.ChunksPerAudit);
    }
}

/// <summary>An answer to draw audits for.</summary>
/// <param name="Job">The job.</param>
/// <param name="Answer">The answer as it is delivered if it is provisional.</param>
/// <param name="Stages">Stages that made it.</param>
/// <param name="Announce">It is provisional whatever is drawn.</param>
/// <param name="Until">When it is decided at the latest.</param>
public sealed record DrawRequest(JobId Job, JobAnswer Answer, IReadOnlyList<DrawnStage> Stages, bool Announce, DateTimeOffset Until);

/// <summary>A stage in the draw.</summary>
/// <param name="Chain">Its chain.</param>
/// <param name="Stage">Its place in it.</param>
/// <param name="Node">Who ran it.</param>
/// <param name="Reward">What it is paid.</param>
/// <param name="Chunks">Chunks of every choice.</param>
public sealed record DrawnStage(int Chain, int Stage, NodeId Node, long Reward, IReadOnlyList<int> Chunks);

/// <summary>What was drawn.</summary>
/// <param name="Signature">The platform's signature over the receipts, lower-case hex.</param>
/// <param name="Tickets">Every stage with its rate.</param>
/// <param name="Draws">Stages to audit.</param>
/// <param name="ChunksPerAudit">Chunks drawn of each; null in journals of earlier releases.</param>
public sealed record Drawing(string Signature, IReadOnlyList<StageTicket> Tickets, IReadOnlyList<AuditDraw> Draws, int? ChunksPerAudit = null);
