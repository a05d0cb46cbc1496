namespace Orchestrator.Contracts;

/// <summary>The GPU that a node computes on, as its cluster labels it or its host says; nobody has measured it.</summary>
/// <param name="Product">Name without spaces, e.g. <c>NVIDIA-H100-80GB-HBM3</c>, or that of a slice; at most 63 characters.</param>
/// <param name="MemoryBytes">Its memory, or the slice's; 0 when unknown.</param>
/// <param name="Sharing"><c>none, time-slicing, mps</c>, or <c>unknown</c>.</param>
/// <param name="Mig">Whether it is a slice that the hardware isolates.</param>
/// <param name="ComputeMajor">Major version of its compute capability; 0 when unknown.</param>
public sealed record GpuCapability(string Product, long MemoryBytes, string Sharing, bool Mig, int ComputeMajor)
{
    /// <summary>Nobody said whether it is shared.</summary>
    public const string UnknownSharing = "unknown";

    /// <summary>Shared in turns, without isolation of memory or faults.</summary>
    public const string TimeSlicing = "time-slicing";

    /// <summary>Every value of <see cref="Sharing"/>.</summary>
    public static IReadOnlyList<string> Sharings { get; } = ["none", TimeSlicing, "mps", UnknownSharing];
}
