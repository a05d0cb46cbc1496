using System.Globalization;

namespace Orchestrator.Benchmarks.Output;

/// <summary>Where figures come from: they mean little without it.</summary>
/// <param name="Cores">Processors this process sees.</param>
/// <param name="Load">Runnable threads over the last minute before the start; null where the system does not say.</param>
public sealed record Machine(int Cores, double? Load)
{
    /// <summary>This machine now.</summary>
    internal static Machine Here() => new(Environment.ProcessorCount, ReadLoad());

    /// <inheritdoc />
    public override string ToString() => Load is { } load ? $"{Cores} cores, load {load:F1} before the start" : $"{Cores} cores";

    private static double? ReadLoad() =>
        File.Exists("/proc/loadavg") ? double.Parse(File.ReadAllText("/proc/loadavg").Split(' ')[0], CultureInfo.InvariantCulture) : null;
}
