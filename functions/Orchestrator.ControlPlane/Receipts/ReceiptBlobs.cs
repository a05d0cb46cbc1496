using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;

namespace Orchestrator.ControlPlane.Receipts;

/// <summary>Reads what a job's nodes signed, and its manifest, from the blob store.</summary>
public sealed class ReceiptBlobs(IBlobStore blobs)
{
    private const int MaxMessageBytes = 4 << 20;

    /// <summary>A chain's signed result.</summary>
    /// <exception cref="ApiException">It is gone.</exception>
    public async Task<SignedMessage> ResultAsync(Digest digest, CancellationToken cancel) =>
        JsonSerializer.Deserialize(await BytesAsync(digest, cancel), ContractsJson.Default.SignedMessage)!;

    /// <summary>A small blob.</summary>
    /// <exception cref="ApiException">It is gone.</exception>
    /// <exception cref="InvalidDataException">It is too large for a message.</exception>
    public async Task<byte[]> BytesAsync(Digest digest, CancellationToken cancel)
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
