using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Orchestrator.Contracts.DataPlane;

/// <summary>A decoded frame. Tokens, tensors and payload are views of its buffer: gone when it is disposed.</summary>
public sealed class Frame : IDisposable
{
    private const int MaxRank = 8;

    private readonly FrameBuffer buffer;
    private readonly int tokensAt;
    private readonly int payloadAt;
    private readonly bool hasTokens;
    private readonly bool hasTrace;

    private Frame(FrameBuffer buffer, FrameHeader header, FrameFlags flags, int tokensAt, Tensor[] tensors, int payloadAt)
    {
        this.buffer = buffer;
        this.tokensAt = tokensAt;
        this.payloadAt = payloadAt;
        hasTokens = flags.HasFlag(FrameFlags.Tokens);
        hasTrace = flags.HasFlag(FrameFlags.Trace);
        Header = header;
        Tensors = tensors;
    }

    /// <summary>The fixed part.</summary>
    public FrameHeader Header { get; }

    /// <summary>Boundary tensors of a pass, in manifest order; checked to be dense, not to fit a manifest.</summary>
    public IReadOnlyList<Tensor> Tensors { get; }

    /// <summary>Token ids of a pass; empty when it carries none.</summary>
    public ReadOnlySpan<int> Tokens => hasTokens ? MemoryMarshal.Cast<byte, int>(buffer.Span.Slice(tokensAt, 4 * Header.TokenCount)) : [];

    /// <summary>W3C trace id and span id; empty when not traced.</summary>
    public ReadOnlySpan<byte> Trace => hasTrace ? buffer.Span.Slice(FrameHeader.Size, FrameEncoder.TraceSize) : [];

    /// <summary>What follows the sections; its meaning depends on the type.</summary>
    public ReadOnlyMemory<byte> Payload => buffer.Memory[payloadAt..];

    /// <summary>Bytes on the wire.</summary>
    public int Length => buffer.Length;

    /// <summary>Decodes one whole frame and takes over its buffer; the buffer is disposed when this is false. Never throws on hostile bytes.</summary>
    public static bool TryDecode(FrameBuffer buffer, out Frame frame, out string? error)
    {
        frame = null!;
        error = Decode(buffer, ref frame);
        if (error is not null)
            buffer.Dispose();
        return error is null;
    }

    /// <inheritdoc />
    public void Dispose() => buffer.Dispose();

    private static string? Decode(FrameBuffer buffer, ref Frame frame)
    {
        if (buffer.Length < FrameHeader.Size)
            return "the frame is shorter than its header";
        if (!FrameHeader.TryRead(buffer.Span, out var header, out int length, out var flags, out string? error))
            return error;
        if (length != buffer.Length)
            return "the length field does not match";

        long at = FrameHeader.Size;
        if (flags.HasFlag(FrameFlags.Trace))
            at += FrameEncoder.TraceSize;
        long tokensAt = at;
        if (flags.HasFlag(FrameFlags.Tokens))
            at += FrameEncoder.Pad(4L * header.TokenCount);
        if (at > length)
            return "the frame ends inside its tokens";
        // A section takes 8 bytes or more: a hostile count cannot make the array larger than the frame.
        if (header.TensorCount > (length - at) / 8)
            return "the frame ends inside its tensors";
        var tensors = header.TensorCount == 0 ? [] : new Tensor[header.TensorCount];
        for (int i = 0; i < tensors.Length; i++)
        {
            error = ReadTensor(buffer.Memory, ref at, out tensors[i]);
            if (error is not null)
                return error;
        }

        if (header.Type == FrameType.Forward && at != length)
            return "a pass has bytes after its tensors";
        frame = new Frame(buffer, header, flags, (int)tokensAt, tensors, (int)at);
        return null;
    }

    private static string? ReadTensor(ReadOnlyMemory<byte> memory, ref long at, out Tensor tensor)
    {
        tensor = default;
        var span = memory.Span;
        if (at + 8 > span.Length)
            return "the frame ends inside a tensor";
        var type = (ElementType)span[(int)at];
        int rank = span[(int)at + 1];
        uint bytes = BinaryPrimitives.ReadUInt32LittleEndian(span[((int)at + 4)..]);
        long width = ElementSize.Of(type);
        if (width == 0 || rank > MaxRank || span[(int)at + 2] != 0 || span[(int)at + 3] != 0)
            return "a tensor has an unknown element type or too many dimensions";
        long dataAt = at + 8 + FrameEncoder.Pad(4L * rank);
        long end = dataAt + FrameEncoder.Pad(bytes);
        if (end > span.Length)
            return "the frame ends inside a tensor";
        long[] shape = rank == 0 ? [] : new long[rank];
        long elements = 1;
        for (int i = 0; i < rank; i++)
        {
            shape[i] = BinaryPrimitives.ReadUInt32LittleEndian(span[((int)at + 8 + 4 * i)..]);
            // Each factor is checked against the frame's size, so the product of two never overflows.
            elements *= shape[i];
            if (elements > FrameHeader.MaxFrame)
                return "a tensor's shape does not match its bytes";
        }

        if (elements * width != bytes)
            return "a tensor's shape does not match its bytes";
        tensor = new Tensor(type, shape, memory.Slice((int)dataAt, (int)bytes));
        at = end;
        return null;
    }
}
