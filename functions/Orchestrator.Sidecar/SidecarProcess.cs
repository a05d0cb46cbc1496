using System.Runtime.InteropServices;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Sidecar.Components;
using Orchestrator.Sidecar.Hosting;

namespace Orchestrator.Sidecar;

/// <summary>
/// A sidecar as a process of its own: started with the path of a JSON file (<see cref="SidecarProcessOptions"/>), it
/// prints one JSON line (<see cref="SidecarReady"/>) when it serves, and stops on SIGTERM, SIGINT or when its standard
/// input ends, so that it never outlives the process that started it.
/// </summary>
public static class SidecarProcess
{
    /// <returns>0 after an orderly stop, 1 when it could not serve, 2 for wrong arguments.</returns>
    public static async Task<int> RunAsync(string[] args)
    {
        if (args.Length != 1)
        {
            await Console.Error.WriteLineAsync("usage: sidecar OPTIONS.json");
            return 2;
        }
        using var stop = new CancellationTokenSource();
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        _ = StopAtEndOfInputAsync(stop);
        return await RunAsync(args[0], Console.Out, stop.Token);

        void Stop(PosixSignalContext signal)
        {
            signal.Cancel = true;
            stop.Cancel();
        }
    }

    internal static async Task<int> RunAsync(string file, TextWriter output, CancellationToken stop)
    {
        try
        {
            var settings = JsonSerializer.Deserialize(await File.ReadAllBytesAsync(file, stop), SidecarJson.Default.SidecarProcessOptions)
                ?? throw new JsonException("the file holds null");
            await using var logs = new ServiceCollection().AddLogging(b => Configure(b, settings.LogLevel)).BuildServiceProvider();
            await using var host = await SidecarHost.StartAsync(
                new SidecarOptions
                {
                    Apps = settings.Apps,
                    ComponentsDirectory = settings.ComponentsDirectory,
                    DataDirectory = settings.DataDirectory,
                    Seed = settings.Seed,
                    Faults = settings.Faults,
                    AdminToken = settings.AdminToken,
                    AdminPort = settings.AdminPort,
                    LoggerFactory = logs.GetRequiredService<ILoggerFactory>(),
                },
                stop);
            await output.WriteLineAsync(JsonSerializer.Serialize(new SidecarReady(true, host.AdminEndpoint, [.. host.Apps]), SidecarJson.Default.SidecarReady));
            await output.FlushAsync(stop);
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, stop).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return 0;
        }
        catch (Exception e) when (e is JsonException or IOException or UnauthorizedAccessException or ComponentException or ArgumentException)
        {
            await Console.Error.WriteLineAsync($"sidecar: {file}: {e.Message}");
            return 1;
        }
    }

    private static void Configure(ILoggingBuilder logging, string level) => logging
        .SetMinimumLevel(Enum.TryParse<LogLevel>(level, ignoreCase: true, out var parsed) ? parsed : throw new ArgumentException($"logLevel '{level}' is not a level: use Debug, Information, Warning or Error"))
        .AddFilter("Microsoft.AspNetCore", LogLevel.Warning)
        .AddSimpleConsole(c => c.SingleLine = true)
        .Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);

    private static async Task StopAtEndOfInputAsync(CancellationTokenSource stop)
    {
        try
        {
            await using var input = Console.OpenStandardInput();
            var buffer = new byte[256];
            while (await input.ReadAsync(buffer, stop.Token) > 0)
            {
            }
            await stop.CancelAsync();
        }
        catch (Exception e) when (e is IOException or OperationCanceledException or ObjectDisposedException)
        {
        }
    }
}
