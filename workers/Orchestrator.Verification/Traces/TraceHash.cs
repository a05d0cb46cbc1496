using System.Buffers.Binary;
using System.Security.Cryptography;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>
/// What a step of a trace is hashed to. A tensor: SHA-256 of <c>element type u32, axes u32, axis lengths i64 each, byte count u64,
/// bytes</c>. A leaf: SHA-256 of <c>tensor count u32, tensor digests</c>, so that one tensor can be shown without the others. Integers little-endian.
/// </summary>
public static class TraceHash
{
    private const int MaxRank = 16;

    /// <summary>Digest of one tensor.</summary>
    /// <exception cref="ArgumentException">It has more than 16 axes.</exception>
    public static Digest Of(Tensor tensor)
    {
        if (tensor.Shape.Length > MaxRank)
            throw new ArgumentException($"A traced tensor has at most {MaxRank} axes, not {tensor.Shape.Length}.", nameof(tensor));
        Span<byte> header = stackalloc byte[16 + 8 * MaxRank];
        BinaryPrimitives.WriteInt32LittleEndian(header, (int)tensor.Type);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], tensor.Shape.Length);
        int at = 8;
        foreach (long axis in tensor.Shape)
        {
            BinaryPrimitives.WriteInt64LittleEndian(header[at..], axis);
            at += 8;
        }

        BinaryPrimitives.WriteInt64LittleEndian(header[at..], tensor.Bytes.Length);
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        hash.AppendData(header[..(at + 8)]);
        hash.AppendData(tensor.Bytes.Span);
        return Digest.FromHash(hash.GetHashAndReset());
    }

    /// <summary>The leaf of a step from the digests of what it put out.</summary>
    public static Digest Leaf(IReadOnlyList<Digest> outputs)
    {
        byte[] text = new byte[4 + 32 * outputs.Count];
        BinaryPrimitives.WriteInt32LittleEndian(text, outputs.Count);
        for (int i = 0; i < outputs.Count; i++)
            outputs[i].CopyTo(text.AsSpan(4 + 32 * i));
        return Digest.Of(text);
    }
}
