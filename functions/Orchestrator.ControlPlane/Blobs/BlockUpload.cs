using System.Security.Cryptography;
using Azure;
using Azure.Storage.Blobs.Models;
using Azure.Storage.Blobs.Specialized;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Blobs;

/// <summary>
/// One upload in blocks that are nothing until they are committed: content goes through one buffer, is hashed on the way, and what breaks off leaves no blob
/// (the service forgets blocks that nobody commits after a week).
/// </summary>
internal sealed class BlockUpload(BlockBlobClient blob, long maxBytes, CancellationToken cancel)
{
    private const int MaxBlocks = 50_000;
    private const int SmallestBlock = 4 << 20;

    // Blocks of two uploads to one name must not replace each other.
    private readonly Guid upload = Guid.NewGuid();
    private readonly List<string> ids = [];

    // Somebody else has leased the blob, which is there then: its content is hashed and not sent.
    private bool leased;

    /// <summary>Of what was sent.</summary>
    public Digest Digest { get; private set; }

    /// <summary>Sends everything.</summary>
    /// <exception cref="InvalidDataException">It is more than the store takes.</exception>
    public async Task SendAsync(Stream content)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        byte[] buffer = new byte[(int)Math.Clamp(maxBytes / MaxBlocks + 1, SmallestBlock, 64 << 20)];
        long total = 0;
        while (await content.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel) is var read and > 0)
        {
            total += read;
            if (total > maxBytes)
                throw BlobCopy.TooLarge(maxBytes);
            hash.AppendData(buffer.AsSpan(0, read));
            ids.Add(BlockId(ids.Count));
            if (!leased)
                await StageAsync(ids[^1], new ReadOnlyMemory<byte>(buffer, 0, read));
        }

        Digest = Digest.FromHash(hash.GetHashAndReset());
    }

    /// <summary>Makes the blob, in one step for whoever reads it; false when somebody else has it leased, or another upload to the same name discarded the blocks.</summary>
    public async Task<bool> TryCommitAsync()
    {
        try
        {
            await blob.CommitBlockListAsync(ids, cancellationToken: cancel);
            return true;
        }
        catch (RequestFailedException e) when (e.Status is 409 or 412 || e.ErrorCode == BlobErrorCode.InvalidBlockList)
        {
            return false;
        }
    }

    private async Task StageAsync(string id, ReadOnlyMemory<byte> bytes)
    {
        try
        {
            using var block = BinaryData.FromBytes(bytes).ToStream();
            await blob.StageBlockAsync(id, block, cancellationToken: cancel);
        }
        catch (RequestFailedException e) when (e.ErrorCode == BlobErrorCode.LeaseIdMissing)
        {
            leased = true;
        }
    }

    // Ids of one blob must be of one length.
    private string BlockId(int index)
    {
        byte[] id = new byte[20];
        upload.TryWriteBytes(id);
        BitConverter.TryWriteBytes(id.AsSpan(16), index);
        return Convert.ToBase64String(id);
    }
}
