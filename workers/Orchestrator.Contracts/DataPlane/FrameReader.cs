namespace Orchestrator.Contracts.DataPlane;

/// <summary>
/// Reads frames off a stream on the thread that calls: it wakes once per frame and goes on with the frame's work. Small frames are read in
/// one go, the rest of a large one goes straight to where it stays.
/// </summary>
/// <param name="stream">Where the bytes come from.</param>
/// <param name="limit">Most bytes the given frame may have; asked before room is made for its body.</param>
public sealed class FrameReader(Stream stream, Func<FrameHeader, int> limit)
{
    private readonly byte[] ahead = new byte[16 << 10];
    private int start;
    private int end;

    /// <summary>The next frame; null when the peer ended the stream between frames.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a frame this side accepts; the stream is unusable from here.</exception>
    /// <exception cref="EndOfStreamException">The stream ended inside a frame.</exception>
    public Frame? Read()
    {
        if (!FillHeader())
            return null;
        int length = Check(ahead.AsSpan(start, FrameHeader.Size));
        var buffer = new FrameBuffer(length);
        try
        {
            int there = Math.Min(length, end - start);
            ahead.AsSpan(start, there).CopyTo(buffer.Span);
            start += there;
            stream.ReadExactly(buffer.Span[there..]);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }

        return Frame.TryDecode(buffer, out var frame, out string? error) ? frame : throw new InvalidDataException(error);
    }

    private bool FillHeader()
    {
        if (end - start < FrameHeader.Size)
        {
            ahead.AsSpan(start..end).CopyTo(ahead);
            (start, end) = (0, end - start);
        }

        while (end - start < FrameHeader.Size)
        {
            int read = stream.Read(ahead, end, ahead.Length - end);
            if (read == 0)
                return end == start ? false : throw new EndOfStreamException("The stream ended inside a frame.");
            end += read;
        }

        return true;
    }

    private int Check(ReadOnlySpan<byte> from)
    {
        if (!FrameHeader.TryRead(from, out var header, out int length, out _, out string? error))
            throw new InvalidDataException(error);
        int most = limit(header);
        return length <= most ? length : throw new InvalidDataException($"A {header.Type} frame of {length} bytes exceeds the {most} bytes its session allows.");
    }
}
