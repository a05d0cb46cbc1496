using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>
/// Running SHA-256 over what crosses one boundary of a chain in one chunk of one choice. Both ends of an honest link get the same digest.
/// Per pass: <c>position u32, token count u32, tensor count u32</c>, then per tensor <c>element type u32, byte count u64, bytes</c>;
/// integers little-endian, tensors in manifest order. For the last boundary the tensors of a pass are the logits that were drawn from.
/// </summary>
public sealed class BoundaryHash : IDisposable
{
    // One call into the hash costs more than hashing what most small passes have: they gather here first.
    private const int Room = 4096;

    private readonly IncrementalHash hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] gathered = new byte[Room];
    private int count;

    /// <summary>Starts a pass.</summary>
    public void BeginPass(int position, int tokens, int tensors)
    {
        var header = Take(12);
        BinaryPrimitives.WriteInt32LittleEndian(header, position);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], tokens);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], tensors);
    }

    /// <summary>Adds one tensor of the current pass.</summary>
    public void Append(ElementType type, ReadOnlySpan<byte> bytes)
    {
        var header = Take(12);
        BinaryPrimitives.WriteInt32LittleEndian(header, (int)type);
        BinaryPrimitives.WriteInt64LittleEndian(header[4..], bytes.Length);
        if (bytes.Length <= Room)
        {
            bytes.CopyTo(Take(bytes.Length));
            return;
        }

        Flush();
        hash.AppendData(bytes);
    }

    /// <summary>The digest so far; the hash goes on.</summary>
    public Digest Current()
    {
        Flush();
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetCurrentHash(digest);
        return Digest.FromHash(digest);
    }

    /// <summary>The digest; the hash starts anew.</summary>
    public Digest Finish()
    {
        Flush();
        Span<byte> digest = stackalloc byte[SHA256.HashSizeInBytes];
        hash.GetHashAndReset(digest);
        return Digest.FromHash(digest);
    }

    /// <summary>Adds a whole pass of tensors.</summary>
    public void AppendPass(int position, int tokens, IReadOnlyList<Tensor> tensors)
    {
        BeginPass(position, tokens, tensors.Count);
        for (int i = 0; i < tensors.Count; i++)
            Append(tensors[i].Type, tensors[i].Bytes.Span);
    }

    /// <summary>Adds a whole pass of token ids, as one int64 tensor.</summary>
    public void AppendPass(int position, ReadOnlySpan<int> tokens)
    {
        BeginPass(position, tokens.Length, 1);
        long[] wide = ArrayPool<long>.Shared.Rent(tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
            wide[i] = tokens[i];
        Append(ElementType.Int64, MemoryMarshal.AsBytes(wide.AsSpan(0, tokens.Length)));
        ArrayPool<long>.Shared.Return(wide);
    }

    /// <inheritdoc />
    public void Dispose() => hash.Dispose();

    private Span<byte> Take(int bytes)
    {
        if (bytes > Room - count)
            Flush();
        count += bytes;
        return gathered.AsSpan(count - bytes, bytes);
    }

    private void Flush()
    {
        hash.AppendData(gathered, 0, count);
        count = 0;
    }
}
