using Orchestrator.Sidecar.Faults;

namespace Orchestrator.Sidecar;

/// <summary>The JSON file a sidecar process starts from. Members as in <see cref="SidecarOptions"/>.</summary>
public sealed record SidecarProcessOptions
{
    public IReadOnlyList<AppOptions> Apps { get; set; } = [];
    public required string ComponentsDirectory { get; set; }
    public string? DataDirectory { get; set; }
    public int Seed { get; set; }
    public FaultOptions Faults { get; set; } = new();

    /// <summary>Token of the admin API; null: none is served.</summary>
    public string? AdminToken { get; set; }

    public int AdminPort { get; set; }

    /// <summary>Lowest level of log lines on standard error: Trace, Debug, Information, Warning, Error, None. Default Warning.</summary>
    public string LogLevel { get; set; } = "Warning";
}

/// <summary>The one line a sidecar process prints on standard output when it serves.</summary>
/// <param name="Ready">Always true.</param>
/// <param name="Admin">Address of the admin API, if any.</param>
public sealed record SidecarReady(bool Ready, Uri? Admin, IReadOnlyList<SidecarApp> Apps);
