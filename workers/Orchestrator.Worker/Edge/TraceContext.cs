using Orchestrator.Contracts.DataPlane;

namespace Orchestrator.Worker.Edge;

/// <summary>W3C traceparent as frames carry it.</summary>
public static class TraceContext
{
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
