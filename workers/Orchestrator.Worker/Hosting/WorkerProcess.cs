using System.Runtime.InteropServices;
using System.Text.Json;

namespace Orchestrator.Worker.Hosting;

/// <summary>A node as one process: prints its <see cref="ReadyLine"/> and runs until SIGTERM or, if asked to, until standard input closes.</summary>
public static class WorkerProcess
{
    /// <summary>Runs until it is stopped; the exit code.</summary>
    /// <param name="args"><c>--config file</c> or nothing.</param>
    /// <param name="start">Starts the node.</param>
    public static async Task<int> RunAsync(string[] args, Func<WorkerOptions, IConfiguration, Task<WorkerHost>> start)
    {
        // Passes run on pool threads: while every core runs one, links and streams still need theirs at once.
        ThreadPool.SetMinThreads(Environment.ProcessorCount + 8, Environment.ProcessorCount + 8);
        WorkerOptions options;
        WorkerHost host;
        try
        {
            var configuration = WorkerConfiguration.Read(args);
            options = WorkerConfiguration.Bind(configuration);
            host = await start(options, configuration);
        }
        catch (Exception e) when (e is ArgumentException or FormatException or IOException or InvalidDataException or InvalidOperationException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return 2;
        }

        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        void Signal(PosixSignalContext signal)
        {
            signal.Cancel = true;
            if (!stop.TrySetResult())
                Environment.Exit(130);
        }

        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Signal);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Signal);
        if (options.StopWhenInputCloses)
            _ = Task.Run(async () =>
            {
                using var input = Console.OpenStandardInput();
                await input.CopyToAsync(Stream.Null);
                stop.TrySetResult();
            });

        Console.WriteLine(JsonSerializer.Serialize(ReadyLine.Of(host), ReadyJson.Default.ReadyLine));
        await stop.Task;
        await host.DrainAsync();
        await host.DisposeAsync();
        return 0;
    }
}
