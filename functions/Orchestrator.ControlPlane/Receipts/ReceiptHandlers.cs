using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Receipts;

/// <summary>What nodes signed for a job, once its chains have agreed: before that, one chain could copy another's.</summary>
public sealed class ReceiptHandlers(JobReader jobs, ReceiptBlobs blobs, SigningKey platform)
{
    /// <summary>
    /// <c>GET /api/jobs/{id}/receipts</c>: a <see cref="ReceiptsDocument"/>, in the JSON of the wire between nodes, with the owner's own prompt;
    /// <c>orchestrator receipts verify</c> checks it offline.
    /// </summary>
    public async Task GetAsync(ApiCall call)
    {
        var job = await jobs.FindAsync(call.Route("id"), call.Caller.Account, call.Aborted) ?? throw ApiErrors.NotFound("There is no such job. GET /api/jobs lists yours.");
        if (job.Answer is not { } answer)
            throw ApiErrors.NotFound("The job has no receipts: its chains have not agreed on an answer.", "no_receipts");
        List<SignedMessage> results = [];
        foreach (var chain in answer.Info.Chains)
        {
            if (chain.Result is { } blob)
                results.Add(await blobs.ResultAsync(blob, call.Aborted));
        }

        var document = new ReceiptsDocument(
            ReceiptsDocument.CurrentSchema, job.Spec.Job, await blobs.BytesAsync(job.Spec.Manifest, call.Aborted), results, job.Spec.Prompt,
            Lottery(answer.Info.Assurance.Lottery));
        await call.WriteAsync(document, ContractsJson.Default.ReceiptsDocument);
    }

    private LotteryRecord? Lottery(LotteryInfo? lottery) => lottery is { ChunksPerAudit: { } chunks }
        ? new(
            Convert.ToHexStringLower(platform.PublicKey), lottery.Signature, chunks,
            [.. lottery.Stages.Select(s => new LotteryTicket(s.Chain, s.Stage, s.Rate, s.Chunks, [.. s.Drawn!.Select(d => new DrawnPlace(d.Choice, d.Chunk))]))])
        : null;
}
