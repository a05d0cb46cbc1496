using Microsoft.Extensions.Configuration;
using Orchestrator.Sidecar;
using Orchestrator.Telemetry;

namespace Orchestrator.Local;

/// <summary>The sidecar as one process, seen from outside as the environment asks.</summary>
public static class SidecarWithTelemetry
{
    /// <summary>Runs until it is stopped.</summary>
    /// <param name="file">JSON, see <see cref="SidecarProcessOptions"/>.</param>
    public static async Task<int> RunAsync(string file)
    {
        var environment = new ConfigurationBuilder().AddEnvironmentVariables().Build();
        try
        {
            await using var telemetry = await ProcessTelemetry.StartAsync(environment, "orchestrator-sidecar");
            return await SidecarProcess.RunAsync([file]);
        }
        catch (Exception e) when (e is InvalidOperationException or IOException)
        {
            await Console.Error.WriteLineAsync($"sidecar: {e.Message}");
            return 1;
        }
    }
}
