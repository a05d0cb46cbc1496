namespace Orchestrator.Benchmarks.Statistics;

/// <summary>Processor time of this process: work on one thread is measured alike on a quiet and on a busy machine.</summary>
internal static class ProcessorTime
{
    /// <summary>Spent so far.</summary>
    internal static TimeSpan Now => Environment.CpuUsage.TotalTime;

    /// <summary>Spent since a reading.</summary>
    internal static TimeSpan Since(TimeSpan reading) => Now - reading;
}
