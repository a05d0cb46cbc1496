using Microsoft.Extensions.Logging.Console;
using Orchestrator.Telemetry;

namespace Orchestrator.Actors.Host;

/// <summary>The actor service as an app: actors for the sidecar, health for the kubelet.</summary>
public static class ActorsHost
{
    private const long MostBodyBytes = 4 << 20;

    /// <summary>Reads and checks the configuration and builds the app, not started.</summary>
    /// <exception cref="InvalidOperationException">The configuration cannot be used; the message lists everything.</exception>
    public static WebApplication Build(Action<IConfigurationBuilder> configure)
    {
        var builder = WebApplication.CreateSlimBuilder();
        configure(builder.Configuration);
        var options = builder.Configuration.GetSection("Actors").Get<ActorsOptions>() ?? new ActorsOptions();
        string? token = builder.Configuration["APP_API_TOKEN"];
        if (options.Problems(token) is { Count: > 0 } problems)
            throw new InvalidOperationException(string.Join(Environment.NewLine, problems));
        var rules = NetworkRules.Load(options.RulesFile);

        builder.Logging.ClearProviders().AddSimpleConsole(o => o.SingleLine = true);
        builder.Logging.AddFilter("Microsoft.AspNetCore", LogLevel.Warning);
        builder.Services.Configure<ConsoleLoggerOptions>(o => o.LogToStandardErrorThreshold = LogLevel.Trace);
        builder.Services.Configure<HostOptions>(o => o.ShutdownTimeout = options.DrainTimeout);
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            kestrel.Limits.MaxRequestBodySize = MostBodyBytes;
            if (options.Loopback)
                kestrel.Listen(System.Net.IPAddress.Loopback, options.Port);
            else
                kestrel.ListenAnyIP(options.Port);
        });
        builder.Services.AddSingleton(options);
        builder.Services.AddHttpClient();
        builder.Services.AddOrchestratorTelemetry(builder.Configuration, "orchestrator-actors");
        builder.Services.AddOrchestratorActors();
        builder.Services.Configure<OrchestratorActorOptions>(actors => actors.Rules = rules);

        var app = builder.Build();
        app.Use(SidecarToken.Guard(token));
        app.MapReadiness();
        app.MapOrchestratorActors();
        return app;
    }
}
