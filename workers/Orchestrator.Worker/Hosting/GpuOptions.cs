using Orchestrator.Contracts;

namespace Orchestrator.Worker.Hosting;

/// <summary>The GPU in the host's own words.</summary>
public sealed record GpuOptions
{
    /// <summary>Name without spaces, e.g. <c>NVIDIA-H100-80GB-HBM3</c>. Required.</summary>
    public string Product { get; init; } = "";

    /// <summary>Its memory, in bytes; 0 when unknown.</summary>
    public long MemoryBytes { get; init; }

    /// <summary><c>none, time-slicing, mps</c> or <c>unknown</c>. Default <c>none</c>: the host has it to itself.</summary>
    public string Sharing { get; init; } = "none";

    /// <summary>Whether it is a MIG slice.</summary>
    public bool Mig { get; init; }

    /// <summary>Major version of its compute capability; 0 when unknown.</summary>
    public int ComputeMajor { get; init; }

    /// <summary>Everything that is wrong, each with its fix.</summary>
    public IEnumerable<string> Validate()
    {
        if (Product.Length is < 1 or > 63 || Product.Any(c => c is <= ' ' or >= (char)127))
            yield return "Worker:Gpu:Product must be 1 to 63 printable characters without spaces: copy it from 'nvidia-smi -L', with '-' for spaces.";
        if (!GpuCapability.Sharings.Contains(Sharing))
            yield return $"Worker:Gpu:Sharing must be one of {string.Join(", ", GpuCapability.Sharings)}.";
        if (MemoryBytes is < 0 or > 16L << 40)
            yield return "Worker:Gpu:MemoryBytes must lie in 0..16 TiB.";
        if (ComputeMajor is < 0 or > 99)
            yield return "Worker:Gpu:ComputeMajor must lie in 0..99.";
    }
}
