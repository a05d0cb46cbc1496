using System.Buffers;
using System.IO.Pipelines;

namespace Orchestrator.Contracts.DataPlane;

/// <summary>Reads frames off a pipe. A frame's bytes leave the pipe as they come, so its size never has to fit the pipe's buffers.</summary>
/// <param name="pipe">Where the bytes come from.</param>
/// <param name="limit">Most bytes the given frame may have; asked before room is made for its body.</param>
public sealed class FrameReader(PipeReader pipe, Func<FrameHeader, int> limit)
{
    /// <summary>The next frame; null when the peer ended the stream between frames.</summary>
    /// <exception cref="InvalidDataException">The bytes are not a frame this side accepts; the stream is unusable from here.</exception>
    /// <exception cref="EndOfStreamException">The stream ended inside a frame.</exception>
    public async ValueTask<Frame?> ReadAsync(CancellationToken cancel = default)
    {
        int length = await ReadHeaderAsync(cancel);
        if (length == 0)
            return null;
        var buffer = new FrameBuffer(length);
        try
        {
            await FillAsync(buffer.Memory, cancel);
        }
        catch
        {
            buffer.Dispose();
            throw;
        }

        return Frame.TryDecode(buffer, out var frame, out string? error) ? frame : throw new InvalidDataException(error);
    }

    private async ValueTask<int> ReadHeaderAsync(CancellationToken cancel)
    {
        var result = await pipe.ReadAtLeastAsync(FrameHeader.Size, cancel);
        var buffer = result.Buffer;
        if (buffer.Length < FrameHeader.Size)
        {
            pipe.AdvanceTo(buffer.End);
            return buffer.IsEmpty ? 0 : throw new EndOfStreamException("The stream ended inside a frame.");
        }

        int length = Check(buffer.Slice(0, FrameHeader.Size));
        pipe.AdvanceTo(buffer.Start);
        return length;
    }

    private int Check(ReadOnlySequence<byte> bytes)
    {
        Span<byte> start = stackalloc byte[FrameHeader.Size];
        bytes.CopyTo(start);
        if (!FrameHeader.TryRead(start, out var header, out int length, out _, out string? error))
            throw new InvalidDataException(error);
        int most = limit(header);
        return length <= most ? length : throw new InvalidDataException($"A {header.Type} frame of {length} bytes exceeds the {most} bytes its session allows.");
    }

    private async ValueTask FillAsync(Memory<byte> to, CancellationToken cancel)
    {
        while (!to.IsEmpty)
        {
            var result = await pipe.ReadAsync(cancel);
            var buffer = result.Buffer.Slice(0, Math.Min(result.Buffer.Length, to.Length));
            buffer.CopyTo(to.Span);
            to = to[(int)buffer.Length..];
            pipe.AdvanceTo(buffer.End);
            if (result.IsCompleted && !to.IsEmpty && buffer.IsEmpty)
                throw new EndOfStreamException("The stream ended inside a frame.");
        }
    }
}
