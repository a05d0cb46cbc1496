using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;

namespace Orchestrator.Worker.Sessions;

/// <summary>How large a session's frames may be, from its manifest.</summary>
public static class FrameLimits
{
    /// <summary>Frames without a body, with a trace context.</summary>
    public const int Bare = FrameHeader.Size + FrameEncoder.TraceSize;

    /// <summary>A failure.</summary>
    public const int Failure = 8 << 10;

    // A tensor that does not grow with the tokens is a shape or a small table.
    private const int FixedTensor = 64 << 10;
    private const int ReceiptBase = 4 << 10;
    private const int ReceiptPerChoice = 1024;

    /// <summary>A pass of <paramref name="tokens"/> tokens into a shard.</summary>
    public static int Pass(ShardManifest shard, int tokens)
    {
        long bytes = Bare + 8 + 4L * tokens;
        foreach (var tensor in shard.Receives)
            bytes += FrameEncoder.SizeOf(tensor.Spec.Shape.Count, tensor.Spec.BytesPerToken * tokens) + (tensor.Spec.BytesPerToken == 0 ? FixedTensor : 0);
        return (int)Math.Min(bytes, FrameHeader.MaxFrame);
    }

    /// <summary>Receipts of up to <paramref name="stages"/> stages.</summary>
    public static int Receipts(int stages, int choices) => (int)Math.Min(Bare + 8L + stages * (long)(ReceiptBase + choices * ReceiptPerChoice), FrameHeader.MaxFrame);

    /// <summary>Draws of a pass.</summary>
    public static int Draws(int tokens) => (int)Math.Min(Bare + tokens * (9L + 8L * DrawCodec.MaxTop), FrameHeader.MaxFrame);

    /// <summary>Most passes a session may have waiting at one stage: what its edge keeps in flight.</summary>
    public static int InFlight(Assignment assignment) => assignment.Hops.Count + 2 + assignment.Choices;
}
