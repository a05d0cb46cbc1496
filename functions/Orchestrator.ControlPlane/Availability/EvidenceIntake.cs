using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Models;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Availability;

/// <summary>Takes evidence in, from whoever sends it: only what fits the receipt's roots gets into the blob store.</summary>
public sealed class EvidenceIntake(IBlobStore blobs, PinnedManifests manifests)
{
    /// <summary>The most bytes a file can have.</summary>
    public async Task<long> MostBytesAsync(CheckedReceipt receipt, EvidenceKind kind, CancellationToken cancel) => kind == EvidenceKind.Chunks
        ? ChunkFile.MostBytes(receipt.Committed.Chunks)
        : InputFile.Bytes(await ShardAsync(receipt, cancel), receipt.PromptTokens, receipt.Committed.Tokens);

    /// <summary>Checks a file and keeps it.</summary>
    /// <exception cref="InvalidDataException">It does not fit the receipt.</exception>
    public async Task<EvidenceFound> TakeAsync(Stream source, CheckedReceipt receipt, EvidenceKind kind, CancellationToken cancel)
    {
        await using var body = new BoundedStream(source, await MostBytesAsync(receipt, kind, cancel));
        return kind == EvidenceKind.Chunks ? await ChunksAsync(body, receipt, cancel) : await InputsAsync(body, receipt, cancel);
    }

    private async Task<EvidenceFound> ChunksAsync(BoundedStream body, CheckedReceipt receipt, CancellationToken cancel)
    {
        using var file = new MemoryStream();
        await body.CopyToAsync(file, cancel);
        if (!ChunkFile.TryRead(file.GetBuffer().AsSpan(0, (int)file.Length), receipt.Committed, out var chunks, out string? error))
            throw new InvalidDataException($"The chunk file of stage {receipt.Stage} does not fit its receipt: {error}.");
        file.Position = 0;
        return new EvidenceFound(await blobs.PutAsync(file, cancel), file.Length, [.. chunks.Select(c => c.Output)]);
    }

    private async Task<EvidenceFound> InputsAsync(BoundedStream body, CheckedReceipt receipt, CancellationToken cancel)
    {
        var shard = await ShardAsync(receipt, cancel);
        await using var file = new FileStream(
            Path.Combine(Path.GetTempPath(), Path.GetRandomFileName()), FileMode.CreateNew, FileAccess.ReadWrite, FileShare.None, 1 << 16, FileOptions.Asynchronous | FileOptions.DeleteOnClose);
        await body.CopyToAsync(file, cancel);
        file.Position = 0;
        if (InputFile.Mismatch(file, shard, receipt.PromptTokens, receipt.Committed) is { } error)
            throw new InvalidDataException($"The input file of stage {receipt.Stage} does not fit its receipt: {error}");
        file.Position = 0;
        return new EvidenceFound(await blobs.PutAsync(file, cancel), body.Count, []);
    }

    private async Task<ShardManifest> ShardAsync(CheckedReceipt receipt, CancellationToken cancel) =>
        (await manifests.GetAsync(receipt.Model, receipt.Manifest, cancel)).Stages[receipt.Stage];
}
