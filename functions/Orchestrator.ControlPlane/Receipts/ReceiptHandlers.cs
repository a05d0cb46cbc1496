using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Jobs;

namespace Orchestrator.ControlPlane.Receipts;

/// <summary>What nodes signed for a job, once its chains have agreed: before that, one chain could copy another's.</summary>
public sealed class ReceiptHandlers(JobReader jobs, IBlobStore blobs)
{
    private const int MaxMessageBytes = 4 << 20;

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
                results.Add(JsonSerializer.Deserialize(await ReadAsync(blob, call.Aborted), ContractsJson.Default.SignedMessage)!);
        }

        var document = new ReceiptsDocument(
            ReceiptsDocument.CurrentSchema, job.Spec.Job, await ReadAsync(job.Spec.Manifest, call.Aborted), results, job.Spec.Prompt);
        await call.WriteAsync(document, ContractsJson.Default.ReceiptsDocument);
    }

    private async Task<byte[]> ReadAsync(Digest digest, CancellationToken cancel)
    {
        try
        {
            await using var content = await blobs.OpenAsync(digest, cancel);
            if (content.Length > MaxMessageBytes)
                throw new InvalidDataException($"Blob {digest} has {content.Length} bytes, more than any message.");
            byte[] bytes = new byte[content.Length];
            await content.ReadExactlyAsync(bytes, cancel);
            return bytes;
        }
        catch (FileNotFoundException)
        {
            throw ApiErrors.NotFound($"Blob {digest.Short} of this job is gone: receipts are kept for a limited time.", "receipts_gone");
        }
    }
}
