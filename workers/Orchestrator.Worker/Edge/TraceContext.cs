using System.Diagnostics;
using Orchestrator.Contracts.DataPlane;

namespace Orchestrator.Worker.Edge;

/// <summary>W3C traceparent as frames carry it.</summary>
public static class TraceContext
{
    /// <summary>Trace id and span id of a span; empty without one.</summary>
    public static byte[] Of(Activity? span)
    {
        if (span is null)
            return [];
        byte[] bytes = new byte[FrameEncoder.TraceSize];
        span.TraceId.CopyTo(bytes.AsSpan(0, 16));
        span.SpanId.CopyTo(bytes.AsSpan(16));
        return bytes;
    }

    /// <summary>What a frame carries, as the parent of a span; none when it carries nothing.</summary>
    public static ActivityContext Read(ReadOnlySpan<byte> bytes) => bytes.Length == FrameEncoder.TraceSize
        ? new(ActivityTraceId.CreateFromBytes(bytes[..16]), ActivitySpanId.CreateFromBytes(bytes[16..]), ActivityTraceFlags.Recorded, isRemote: true)
        : default;

    /// <summary>Trace id and span id of a traceparent; empty when it is null or not one.</summary>
    public static byte[] Parse(string? traceparent)
    {
        if (traceparent is not { Length: 55 } || traceparent[2] != '-' || traceparent[35] != '-' || traceparent[52] != '-')
            return [];
        byte[] bytes = new byte[FrameEncoder.TraceSize];
        bool valid = Convert.FromHexString(traceparent.AsSpan(3, 32), bytes, out _, out _) == System.Buffers.OperationStatus.Done
            && Convert.FromHexString(traceparent.AsSpan(36, 16), bytes.AsSpan(16), out _, out _) == System.Buffers.OperationStatus.Done;
        return valid ? bytes : [];
    }
}
