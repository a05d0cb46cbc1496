using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Models;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>
/// Gets what a node keeps of a receipt, checks it against the roots that the node signed, and puts it into the blob store. Fails when the node does not serve
/// it or serves something else; the workflow repeats that for as long as its rules say.
/// </summary>
public sealed class FetchEvidenceActivity(NodeClient nodes, IBlobStore blobs, PinnedManifests manifests, TimeProvider time) : IActivity<EvidenceOrder, EvidenceFound>
{
    /// <summary>Registered name.</summary>
    public const string Name = "fetch-evidence";

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public async Task<EvidenceFound> RunAsync(ActivityContext context, EvidenceOrder input)
    {
        var (receipt, kind) = (input.Receipt, input.Kind);
        var cancel = context.CancellationToken;
        var request = new EvidenceRequest(
            EvidenceRequest.CurrentSchema, receipt.Signer.Node, receipt.Chain.Session, receipt.Stage, receipt.Choice, kind, time.GetUtcNow() + Life);
        using var response = await nodes.AskAsync(
            request.Node, "evidence", MessageTypes.EvidenceRequest, request, ContractsJson.Default.EvidenceRequest, Patience, cancel);
        return kind == EvidenceKind.Chunks ? await ChunksAsync(response, receipt, cancel) : await InputsAsync(response, receipt, cancel);
    }

    private async Task<EvidenceFound> ChunksAsync(HttpResponseMessage response, CheckedReceipt receipt, CancellationToken cancel)
    {
        byte[] file = await NodeClient.ReadAsync(response, ChunkFile.MostBytes(receipt.Committed.Chunks), cancel);
        if (!ChunkFile.TryRead(file, receipt.Committed, out var chunks, out string? error))
            throw new InvalidDataException($"The chunk file of stage {receipt.Stage} does not fit its receipt: {error}.");
        using var content = new MemoryStream(file);
        return new EvidenceFound(await blobs.PutAsync(content, cancel), file.Length, [.. chunks.Select(c => c.Output)]);
    }

    private async Task<EvidenceFound> InputsAsync(HttpResponseMessage response, CheckedReceipt receipt, CancellationToken cancel)
    {
        var shard = (await manifests.GetAsync(receipt.Model, receipt.Manifest, cancel)).Stages[receipt.Stage];
        long size = InputFile.Bytes(shard, receipt.PromptTokens, receipt.Committed.Tokens);
        await using var body = new BoundedStream(await response.Content.ReadAsStreamAsync(cancel), size);
        // Checked before it is stored: what does not fit would lie in the store until it is swept, at no cost to the node.
        await using var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        await body.CopyToAsync(file, cancel);
        file.Position = 0;
        if (InputFile.Mismatch(file, shard, receipt.PromptTokens, receipt.Committed) is { } error)
            throw new InvalidDataException($"The input file of stage {receipt.Stage} does not fit its receipt: {error}");
        file.Position = 0;
        return new EvidenceFound(await blobs.PutAsync(file, cancel), file.Length, []);
    }
}

/// <summary>Evidence to get.</summary>
public sealed record EvidenceOrder(CheckedReceipt Receipt, EvidenceKind Kind);

/// <summary>Evidence that fits its receipt.</summary>
/// <param name="Blob">Where it is.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Outputs">Output hash of every chunk; empty for inputs.</param>
public sealed record EvidenceFound(Digest Blob, long Bytes, IReadOnlyList<Digest> Outputs);
