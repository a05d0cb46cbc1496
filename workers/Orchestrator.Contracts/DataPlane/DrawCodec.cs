using System.Buffers.Binary;

namespace Orchestrator.Contracts.DataPlane;

/// <summary>
/// The payload of a <see cref="FrameType.Drawn"/> frame. Per draw, little-endian:
/// <c>i32 token, f32 log-probability, u8 alternatives (0 to 20), then per alternative i32 token, f32 log-probability</c>.
/// Log-probabilities are finite; minus infinity is written as the least float.
/// </summary>
public static class DrawCodec
{
    /// <summary>Most alternatives per draw.</summary>
    public const int MaxTop = 20;

    private const int Pair = 8;

    /// <summary>Writes draws.</summary>
    public static byte[] Encode(ReadOnlySpan<TokenDraw> draws)
    {
        int size = 0;
        foreach (var draw in draws)
            size += Pair + 1 + Pair * draw.Top.Count;
        byte[] bytes = new byte[size];
        var to = bytes.AsSpan();
        foreach (var draw in draws)
        {
            Put(ref to, draw.Token, draw.LogProb);
            to[0] = checked((byte)draw.Top.Count);
            to = to[1..];
            foreach (var top in draw.Top)
                Put(ref to, top.Token, top.LogProb);
        }

        return bytes;
    }

    /// <summary>Reads exactly <paramref name="count"/> draws; false when the bytes are anything else.</summary>
    /// <param name="bytes">The payload.</param>
    /// <param name="count">Draws expected.</param>
    /// <param name="vocabulary">Tokens must lie in 0 to one less.</param>
    /// <param name="draws">The draws.</param>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, int count, int vocabulary, out TokenDraw[] draws)
    {
        draws = [];
        if (bytes.Length < (long)count * (Pair + 1))
            return false;
        var read = new TokenDraw[count];
        for (int i = 0; i < count; i++)
        {
            if (!TryTake(ref bytes, vocabulary, out var drawn) || bytes.IsEmpty || bytes[0] > MaxTop)
                return false;
            var top = bytes[0] == 0 ? [] : new TokenLogProb[bytes[0]];
            bytes = bytes[1..];
            for (int t = 0; t < top.Length; t++)
            {
                if (!TryTake(ref bytes, vocabulary, out top[t]))
                    return false;
            }

            read[i] = new TokenDraw(drawn.Token, drawn.LogProb, top);
        }

        draws = read;
        return bytes.IsEmpty;
    }

    private static void Put(ref Span<byte> to, int token, float logProb)
    {
        BinaryPrimitives.WriteInt32LittleEndian(to, token);
        BinaryPrimitives.WriteSingleLittleEndian(to[4..], float.IsNegativeInfinity(logProb) ? float.MinValue : logProb);
        to = to[Pair..];
    }

    private static bool TryTake(ref ReadOnlySpan<byte> from, int vocabulary, out TokenLogProb value)
    {
        value = default;
        if (from.Length < Pair)
            return false;
        value = new TokenLogProb(BinaryPrimitives.ReadInt32LittleEndian(from), BinaryPrimitives.ReadSingleLittleEndian(from[4..]));
        from = from[Pair..];
        // JSON has no way to write a NaN or infinity, so a peer that sends one would break the stream.
        return (uint)value.Token < (uint)vocabulary && float.IsFinite(value.LogProb);
    }
}
