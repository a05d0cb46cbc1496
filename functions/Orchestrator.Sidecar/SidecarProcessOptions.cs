using Orchestrator.Sidecar.Faults;

namespace Orchestrator.Sidecar;

/// <summary>The JSON file a sidecar process starts from. Members as in <see cref="SidecarOptions"/>.</summary>
public sealed record SidecarProcessOptions
{
    public IReadOnlyList<AppOptions> Apps { get; init; } = [];
    public required string ComponentsDirectory { get; init; }
    public string? DataDirectory { get; init; }
    public int Seed { get; init; }
    public FaultOptions Faults { get; init; } = new();

    /// <summary>Token of the admin API; null: none is served.</summary>
    public string? AdminToken { get; init; }

    public int AdminPort { get; init; }

    /// <summary>Lowest level of log lines on standard error: Trace, Debug, Information, Warning, Error, None. Default Warning.</summary>
    public string LogLevel { get; init; } = "Warning";
}

/// <summary>The one line a sidecar process prints on standard output when it serves.</summary>
/// <param name="Ready">Always true.</param>
/// <param name="Admin">Address of the admin API, if any.</param>
public sealed record SidecarReady(bool Ready, Uri? Admin, IReadOnlyList<SidecarApp> Apps);
