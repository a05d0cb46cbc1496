using System.Buffers.Binary;
using System.Security.Cryptography;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>What a stage says of one chunk's output, read from a chunk file that matched its receipt.</summary>
/// <param name="Output">SHA-256 of the output (<see cref="BoundaryHash"/>).</param>
/// <param name="Fingerprint">Encoded <see cref="Verification.Fingerprint"/>, not decoded yet; empty when there is none.</param>
public sealed record ChunkClaim(Digest Output, byte[] Fingerprint);

/// <summary>
/// The leaves under a receipt's output and fingerprint roots for one choice. Format, version 1:
/// <code>
/// "ORCHUNK1"   then per chunk:   32 bytes output hash   u16 little-endian fingerprint bytes (0 to 258)   fingerprint
/// </code>
/// </summary>
public static class ChunkFile
{
    private const int Each = SHA256.HashSizeInBytes + 2;

    private static ReadOnlySpan<byte> Magic => "ORCHUNK1"u8;

    /// <summary>Most bytes of a file of so many chunks.</summary>
    public static long MostBytes(int chunks) => Magic.Length + (long)chunks * (Each + Fingerprint.MaxBytes);

    /// <summary>The file.</summary>
    public static byte[] Encode(IReadOnlyList<ChunkRecord> chunks)
    {
        byte[] bytes = new byte[Magic.Length + chunks.Sum(c => Each + c.Fingerprint.Length)];
        Magic.CopyTo(bytes);
        var rest = bytes.AsSpan(Magic.Length);
        foreach (var chunk in chunks)
        {
            chunk.Output.CopyTo(rest);
            BinaryPrimitives.WriteUInt16LittleEndian(rest[SHA256.HashSizeInBytes..], (ushort)chunk.Fingerprint.Length);
            chunk.Fingerprint.CopyTo(rest[Each..]);
            rest = rest[(Each + chunk.Fingerprint.Length)..];
        }

        return bytes;
    }

    /// <summary>Reads a file and checks it against the receipt it belongs to. Never throws on hostile input.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="committed">What the stage signed for this choice.</param>
    /// <param name="chunks">One per chunk, in order; empty when false.</param>
    /// <param name="error">Why it was refused; null when true.</param>
    public static bool TryRead(ReadOnlySpan<byte> bytes, ChoiceCommitment committed, out IReadOnlyList<ChunkClaim> chunks, out string? error)
    {
        chunks = [];
        if (!TryParse(bytes, out var read, out error))
            return false;
        if (read.Count != committed.Chunks)
            error = $"it does not have exactly the {committed.Chunks} chunks that were signed";
        else if (MerkleTree.Root([.. read.Select(c => c.Output)]) != committed.Output)
            error = "its output hashes are not under the root that was signed";
        else if (MerkleTree.Root([.. read.Select(c => Digest.Of(c.Fingerprint))]) != committed.Fingerprints)
            error = "its fingerprints are not under the root that was signed";
        else
            chunks = read;
        return error is null;
    }

    /// <summary>Reads a file that no receipt vouches for. Never throws on hostile input.</summary>
    /// <param name="bytes">The file.</param>
    /// <param name="chunks">One per chunk, in order; what is whole of it when false.</param>
    /// <param name="error">Why it was refused; null when true.</param>
    public static bool TryParse(ReadOnlySpan<byte> bytes, out IReadOnlyList<ChunkClaim> chunks, out string? error)
    {
        List<ChunkClaim> read = [];
        chunks = read;
        error = !bytes.StartsWith(Magic) ? "it is not a chunk file of version 1" : null;
        if (error is not null)
            return false;
        var rest = bytes[Magic.Length..];
        while (rest.Length > 0)
        {
            int length = rest.Length < Each ? -1 : BinaryPrimitives.ReadUInt16LittleEndian(rest[SHA256.HashSizeInBytes..]);
            if (length is < 0 or > Fingerprint.MaxBytes || rest.Length < Each + length)
            {
                error = $"chunk {read.Count} is cut off or too long";
                return false;
            }

            read.Add(new ChunkClaim(Digest.FromHash(rest[..SHA256.HashSizeInBytes]), rest.Slice(Each, length).ToArray()));
            rest = rest[(Each + length)..];
        }

        return true;
    }
}
