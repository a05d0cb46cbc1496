using System.Buffers.Binary;

namespace Orchestrator.Contracts.DataPlane;

/// <summary>
/// The fixed start of every frame. 48 bytes, little-endian:
/// <code>
///  0  u32  bytes after this field (44 to 16 MiB - 4)
///  4  u8   type             5  u8   flags: 1 trace context, 2 tokens
///  6  u16  destination stage (of the sender for Error and Progress)
///  8  16   session
/// 24  u16  choice          26  u16  token count (of Drawn: number of draws)
/// 28  u16  draw from       30  u16  tensor count
/// 32  u32  position of the first token
/// 36  u32  zero
/// 40  u64  compute time so far, microseconds
/// 48  body: trace context (24, if flagged), tokens (i32 each, padded to 8, if flagged), tensors, then payload
/// tensor: u8 element type, u8 rank, u16 zero, u32 bytes, u32 per dimension (padded to 8), data (padded to 8)
/// </code>
/// Tensor data starts at a multiple of 8 so a runtime can read it in place.
/// </summary>
/// <param name="Type">What the frame is.</param>
/// <param name="Stage">The stage it is for; ignored by frames for the edge.</param>
/// <param name="Session">The session, see <see cref="SessionKey"/>.</param>
/// <param name="Choice">0-based completion.</param>
/// <param name="TokenCount">Tokens of the pass.</param>
/// <param name="DrawFrom">First index of the pass the last stage draws a token after; <see cref="TokenCount"/> draws none.</param>
/// <param name="TensorCount">Tensor sections.</param>
/// <param name="Position">Absolute position of the first token.</param>
/// <param name="ComputeMicroseconds">Time inside the runtimes of this and earlier stages for this pass.</param>
public readonly record struct FrameHeader(
    FrameType Type,
    UInt128 Session,
    ushort Stage = 0,
    ushort Choice = 0,
    ushort TokenCount = 0,
    ushort DrawFrom = 0,
    ushort TensorCount = 0,
    int Position = 0,
    long ComputeMicroseconds = 0)
{
    /// <summary>Bytes of the header, the length field included.</summary>
    public const int Size = 48;

    /// <summary>Most bytes of a frame, the length field included.</summary>
    public const int MaxFrame = 16 << 20;

    internal void Write(Span<byte> to, int length, FrameFlags flags)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to, length - 4);
        to[4] = (byte)Type;
        to[5] = (byte)flags;
        BinaryPrimitives.WriteUInt16LittleEndian(to[6..], Stage);
        BinaryPrimitives.WriteUInt128BigEndian(to[8..], Session);
        BinaryPrimitives.WriteUInt16LittleEndian(to[24..], Choice);
        BinaryPrimitives.WriteUInt16LittleEndian(to[26..], TokenCount);
        BinaryPrimitives.WriteUInt16LittleEndian(to[28..], DrawFrom);
        BinaryPrimitives.WriteUInt16LittleEndian(to[30..], TensorCount);
        BinaryPrimitives.WriteInt32LittleEndian(to[32..], Position);
        BinaryPrimitives.WriteInt32LittleEndian(to[36..], 0);
        BinaryPrimitives.WriteInt64LittleEndian(to[40..], ComputeMicroseconds);
    }

    /// <summary>Reads and checks the first <see cref="Size"/> bytes of a frame.</summary>
    internal static bool TryRead(ReadOnlySpan<byte> from, out FrameHeader header, out int length, out FrameFlags flags, out string? error)
    {
        uint rest = BinaryPrimitives.ReadUInt32LittleEndian(from);
        length = rest > MaxFrame - 4 ? int.MaxValue : (int)rest + 4;
        flags = (FrameFlags)from[5];
        header = new FrameHeader(
            (FrameType)from[4],
            BinaryPrimitives.ReadUInt128BigEndian(from[8..]),
            BinaryPrimitives.ReadUInt16LittleEndian(from[6..]),
            BinaryPrimitives.ReadUInt16LittleEndian(from[24..]),
            BinaryPrimitives.ReadUInt16LittleEndian(from[26..]),
            BinaryPrimitives.ReadUInt16LittleEndian(from[28..]),
            BinaryPrimitives.ReadUInt16LittleEndian(from[30..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[32..]),
            BinaryPrimitives.ReadInt64LittleEndian(from[40..]));
        error = header.Check(length, flags, BinaryPrimitives.ReadInt32LittleEndian(from[36..]));
        return error is null;
    }

    private string? Check(int length, FrameFlags flags, int reserved)
    {
        if (length is < Size or > MaxFrame)
            return $"a frame has {Size} to {MaxFrame} bytes";
        if (Type is < FrameType.Open or > FrameType.Progress)
            return $"unknown frame type {(byte)Type}";
        if ((flags & ~(FrameFlags.Trace | FrameFlags.Tokens)) != 0 || reserved != 0)
            return "reserved bits are set";
        if (Position < 0 || ComputeMicroseconds < 0)
            return "a count is negative";
        if (Type == FrameType.Forward && (TokenCount == 0 || DrawFrom > TokenCount))
            return "a pass has 1 or more tokens and draws within them";
        if (Type != FrameType.Forward && (TensorCount != 0 || flags.HasFlag(FrameFlags.Tokens)))
            return "only a pass carries tokens and tensors";
        return null;
    }
}

/// <summary>Optional parts of a body.</summary>
[Flags]
internal enum FrameFlags : byte
{
    None = 0,
    Trace = 1,
    Tokens = 2,
}

/// <summary>The 16-byte form of a <see cref="SessionId"/> as a number, cheap to hash on every frame.</summary>
public static class SessionKey
{
    /// <summary>The key of a session.</summary>
    public static UInt128 Of(SessionId session)
    {
        Span<byte> bytes = stackalloc byte[SessionId.Size];
        session.CopyTo(bytes);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }
}
