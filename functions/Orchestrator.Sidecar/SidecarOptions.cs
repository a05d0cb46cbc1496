using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using Orchestrator.Sidecar.Faults;

namespace Orchestrator.Sidecar;

/// <summary>What a sidecar process serves and where it keeps things.</summary>
public sealed record SidecarOptions
{
    /// <summary>The apps served from the start; more can be added while running.</summary>
    public IReadOnlyList<AppOptions> Apps { get; init; } = [];

    /// <summary>Folder of component, subscription and resiliency YAML files. Required.</summary>
    public required string ComponentsDirectory { get; init; }

    /// <summary>Folder of the SQLite database. null keeps everything in memory, gone when the sidecar stops.</summary>
    public string? DataDirectory { get; init; }

    /// <summary>Messages kept for a topic that nobody subscribes to yet; the first subscriber gets them. Default 1000, as a Redis stream would keep them.</summary>
    public int HeldPerTopic { get; init; } = 1000;

    /// <summary>Largest request or message, bytes. Default 4 MiB, as Dapr's.</summary>
    public int LargestBodyBytes { get; init; } = 4 * 1024 * 1024;

    /// <summary>Clock of retries, timers, reminders, lifetimes and idle times. Watching whether an app is up uses real time.</summary>
    public TimeProvider TimeProvider { get; init; } = TimeProvider.System;

    /// <summary>Seed of the fault decisions.</summary>
    public int Seed { get; init; }

    /// <summary>Faults from the start; none by default.</summary>
    public FaultOptions Faults { get; init; } = new();

    /// <summary>Token the admin API demands (<c>Authorization: Bearer</c>). null: no admin API.</summary>
    public string? AdminToken { get; init; }

    /// <summary>Loopback port of the admin API; 0 takes any.</summary>
    public int AdminPort { get; init; }

    /// <summary>Where logs go; nowhere by default.</summary>
    public ILoggerFactory LoggerFactory { get; init; } = NullLoggerFactory.Instance;
}
