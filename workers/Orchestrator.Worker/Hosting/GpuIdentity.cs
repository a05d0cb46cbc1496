using Orchestrator.Contracts;

namespace Orchestrator.Worker.Hosting;

/// <summary>Which GPU a node says it has: what its host wrote, else the labels of its machine, else what the runtime knows, which is little.</summary>
public static class GpuIdentity
{
    private const string Cpu = "cpu";
    private const string Cuda = "cuda";
    private const string Unknown = "unknown";
    private static readonly TimeSpan PollInterval = TimeSpan.FromSeconds(1);

    /// <summary>Reads it.</summary>
    /// <param name="options">Where to look.</param>
    /// <param name="executionClass">What shards run on: a node whose shards run on the CPU has no GPU, whatever its labels say.</param>
    /// <param name="time">The clock.</param>
    /// <param name="log">Told when labels do not come.</param>
    /// <exception cref="InvalidDataException">The labels cannot be read, or the GPU is time-sliced and that is not allowed.</exception>
    public static async Task<GpuCapability?> ReadAsync(WorkerOptions options, ExecutionClass executionClass, TimeProvider time, ILogger log)
    {
        if (executionClass.Provider == Cpu)
            return null;
        var gpu = options.Gpu is { } told ? new GpuCapability(told.Product, told.MemoryBytes, told.Sharing, told.Mig, told.ComputeMajor)
            : options.GpuLabelsFile is { Length: > 0 } file ? await FromFileAsync(file, options.GpuLabelsWait, time, log)
            : null;
        if (gpu is { Sharing: GpuCapability.TimeSlicing } && !options.AllowSharedGpu)
        {
            throw new InvalidDataException(
                $"The GPU {gpu.Product} is time-sliced: other pods share its memory without isolation. Use a whole GPU or a MIG slice, or set Worker:AllowSharedGpu=true to accept that.");
        }

        return gpu ?? (executionClass.Provider == Cuda ? new GpuCapability(Unknown, 0, GpuCapability.UnknownSharing, Mig: false, ComputeMajor: 0) : null);
    }

    private static async Task<GpuCapability?> FromFileAsync(string file, TimeSpan wait, TimeProvider time, ILogger log)
    {
        var start = time.GetTimestamp();
        while (true)
        {
            try
            {
                if (File.Exists(file) && (await ReadAsync(file)).Trim() is { Length: > 0 } text)
                    return GpuLabels.Parse(text);
            }
            catch (Exception e) when (e is FormatException or IOException or UnauthorizedAccessException)
            {
                throw new InvalidDataException($"Worker:GpuLabelsFile {file} cannot be used: {e.Message}. It has one name=value per line, as the labels of the machine.", e);
            }

            if (time.GetElapsedTime(start) >= wait)
            {
                log.NoGpuLabels(file, wait);
                return null;
            }

            await Task.Delay(PollInterval, time);
        }
    }

    private static async Task<string> ReadAsync(string file)
    {
        char[] text = new char[GpuLabels.MaxLength + 1];
        using var reader = new StreamReader(file);
        return new string(text, 0, await reader.ReadBlockAsync(text));
    }
}
