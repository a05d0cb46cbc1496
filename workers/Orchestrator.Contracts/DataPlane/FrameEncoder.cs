using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Orchestrator.Contracts.DataPlane;

/// <summary>Writes frames; the layout is <see cref="FrameHeader"/>'s.</summary>
public static class FrameEncoder
{
    /// <summary>Bytes of a trace context: W3C trace id (16) and span id (8).</summary>
    public const int TraceSize = 24;

    /// <summary>A frame with a payload, or without a body.</summary>
    public static FrameBuffer Encode(FrameHeader header, ReadOnlySpan<byte> payload = default, ReadOnlySpan<byte> trace = default) =>
        Encode(header, [], [], payload, trace);

    /// <summary>A pass.</summary>
    /// <param name="header">The tensor count is taken from <paramref name="tensors"/>.</param>
    /// <param name="tokens">Token ids, none or <see cref="FrameHeader.TokenCount"/> of them.</param>
    /// <param name="tensors">Boundary tensors in manifest order.</param>
    /// <param name="trace">None or <see cref="TraceSize"/> bytes.</param>
    /// <exception cref="InvalidDataException">The frame would exceed <see cref="FrameHeader.MaxFrame"/>.</exception>
    public static FrameBuffer EncodePass(FrameHeader header, ReadOnlySpan<int> tokens, IReadOnlyList<Tensor> tensors, ReadOnlySpan<byte> trace = default) =>
        Encode(header with { TensorCount = checked((ushort)tensors.Count) }, tokens, tensors, [], trace);

    /// <summary>Bytes a tensor takes in a frame.</summary>
    public static long SizeOf(int rank, long bytes) => 8 + Pad(4L * rank) + Pad(bytes);

    internal static long Pad(long bytes) => (bytes + 7) & ~7L;

    private static FrameBuffer Encode(FrameHeader header, ReadOnlySpan<int> tokens, IReadOnlyList<Tensor> tensors, ReadOnlySpan<byte> payload, ReadOnlySpan<byte> trace)
    {
        if (tokens.Length != 0 && tokens.Length != header.TokenCount)
            throw new ArgumentException("A pass carries all of its tokens or none.", nameof(tokens));
        if (trace.Length is not (0 or TraceSize))
            throw new ArgumentException($"A trace context has {TraceSize} bytes.", nameof(trace));
        long size = FrameHeader.Size + trace.Length + Pad(4L * tokens.Length) + payload.Length;
        for (int i = 0; i < tensors.Count; i++)
            size += SizeOf(tensors[i].Shape.Length, tensors[i].Bytes.Length);
        if (size > FrameHeader.MaxFrame)
            throw new InvalidDataException($"A frame of {size} bytes exceeds {FrameHeader.MaxFrame}: use a smaller prefill chunk for this model.");

        var buffer = new FrameBuffer((int)size);
        var flags = (trace.IsEmpty ? 0 : FrameFlags.Trace) | (tokens.IsEmpty ? 0 : FrameFlags.Tokens);
        header.Write(buffer.Span, (int)size, flags);
        var rest = buffer.Span[FrameHeader.Size..];
        trace.CopyTo(rest);
        rest = rest[trace.Length..];
        rest = Put(rest, MemoryMarshal.AsBytes(tokens));
        for (int i = 0; i < tensors.Count; i++)
            rest = Put(rest, tensors[i]);
        payload.CopyTo(rest);
        return buffer;
    }

    private static Span<byte> Put(Span<byte> to, Tensor tensor)
    {
        to[0] = (byte)tensor.Type;
        to[1] = checked((byte)tensor.Shape.Length);
        to[2] = to[3] = 0;
        BinaryPrimitives.WriteInt32LittleEndian(to[4..], tensor.Bytes.Length);
        to = to[8..];
        int dimensions = (int)Pad(4L * tensor.Shape.Length);
        to[..dimensions].Clear();
        for (int i = 0; i < tensor.Shape.Length; i++)
            BinaryPrimitives.WriteUInt32LittleEndian(to[(4 * i)..], checked((uint)tensor.Shape[i]));
        return Put(to[dimensions..], tensor.Bytes.Span);
    }

    private static Span<byte> Put(Span<byte> to, ReadOnlySpan<byte> bytes)
    {
        bytes.CopyTo(to);
        int padded = (int)Pad(bytes.Length);
        to[bytes.Length..padded].Clear();
        return to[padded..];
    }
}
