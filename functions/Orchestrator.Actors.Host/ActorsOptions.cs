namespace Orchestrator.Actors.Host;

/// <summary>How the actor host runs: configuration section <c>Actors</c>.</summary>
public sealed record ActorsOptions
{
    /// <summary>Port of health routes and of the sidecar's calls. Default 8080; 0 takes any.</summary>
    public int Port { get; init; } = 8080;

    /// <summary>Listen on loopback only. Default false: in a pod the sidecar and the kubelet come from other addresses.</summary>
    public bool Loopback { get; init; }

    /// <summary>JSON file with what differs from <see cref="NetworkRules.Default"/>; the control plane's <c>RulesFile</c> must name the same. Default empty.</summary>
    public string RulesFile { get; init; } = "";

    /// <summary>Start without <c>APP_API_TOKEN</c>, so that whoever reaches the port may move stake and money. Default false.</summary>
    public bool AllowAnyone { get; init; }

    /// <summary>How long running turns may take to end when the process is stopped. Default 20 s, below a pod's usual 30 s.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Print one line when ready and stop when standard input closes, as a supervisor of child processes expects. Default false.</summary>
    public bool StopWhenInputCloses { get; init; }

    /// <summary>Everything that is wrong, each with its fix.</summary>
    /// <param name="token">What <c>APP_API_TOKEN</c> says.</param>
    public IReadOnlyList<string> Problems(string? token)
    {
        List<string> problems = [];
        if (Port is < 0 or > 65_535)
            problems.Add($"Actors:Port must be 0 (any) to 65535, not {Port}.");
        if (DrainTimeout <= TimeSpan.Zero)
            problems.Add("Actors:DrainTimeout must be above 0.");
        if (string.IsNullOrEmpty(token) && !AllowAnyone)
            problems.Add("APP_API_TOKEN is not set: give the app the token its sidecar sends (dapr.io/app-token-secret), or set Actors:AllowAnyone to true.");
        return problems;
    }
}
