using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;
using Orchestrator.Actors;
using Orchestrator.ControlPlane;
using Orchestrator.Durable;
using Orchestrator.Telemetry;

namespace Orchestrator.Local;

/// <summary>
/// The control plane as one process: the HTTP API on one port, actors and topics for the sidecar on another, workflows on the
/// embedded engine. Prints one ready line; stops on SIGTERM or when standard input closes.
/// </summary>
public static class ControlPlaneProcess
{
    /// <summary>Runs until it is stopped.</summary>
    /// <param name="configFile">JSON: <c>Api</c>, <c>AppPort</c>, <c>Journal</c>, <c>HostsActors</c> (default true) and section <c>ControlPlane</c> (<see cref="ControlPlaneOptions"/>).</param>
    public static async Task<int> RunAsync(string configFile)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddJsonFile(configFile, optional: false).AddEnvironmentVariables();
        builder.Logging.ClearProviders().AddSimpleConsole(o => o.SingleLine = true).SetMinimumLevel(LogLevel.Warning);
        builder.Services.Configure<Microsoft.Extensions.Logging.Console.ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        var api = new Uri(Required(builder.Configuration, "Api"));
        int appPort = int.Parse(Required(builder.Configuration, "AppPort"));
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Listen(IPAddress.Loopback, api.Port);
            kestrel.Listen(IPAddress.Loopback, appPort);
        });

        builder.Services.AddControlPlane(builder.Configuration.GetSection("ControlPlane").Get<ControlPlaneOptions>() ?? new ControlPlaneOptions());
        bool hostsActors = builder.Configuration.GetValue("HostsActors", defaultValue: true);
        if (hostsActors)
            builder.Services.AddOrchestratorActors();
        builder.Services.AddOrchestratorTelemetry(builder.Configuration, "orchestrator-control-plane");
        string journal = Required(builder.Configuration, "Journal");
        builder.Services.AddDurableEngine(engine => engine.JournalPath = journal);
        await using var app = builder.Build();
        app.Use(SidecarDoor.Guard(appPort, builder.Configuration["APP_API_TOKEN"]));
        app.MapControlPlane();
        if (hostsActors)
            app.MapOrchestratorActors();
        await app.StartAsync();
        Console.WriteLine(JsonSerializer.Serialize(new { api, appPort }));
        _ = StopWithInputAsync(app.Lifetime);
        await app.WaitForShutdownAsync();
        return 0;
    }

    private static async Task StopWithInputAsync(IHostApplicationLifetime lifetime)
    {
        await using var input = Console.OpenStandardInput();
        await input.CopyToAsync(Stream.Null);
        lifetime.StopApplication();
    }

    private static string Required(IConfiguration configuration, string name) =>
        configuration[name] ?? throw new InvalidOperationException($"The control plane's configuration has no '{name}'.");
}
