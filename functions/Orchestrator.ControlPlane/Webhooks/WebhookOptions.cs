namespace Orchestrator.ControlPlane.Webhooks;

/// <summary>Where events may be sent, and for how long it is tried. The default reaches public https addresses only.</summary>
public sealed record WebhookOptions
{
    /// <summary>Also take http URLs. Default false; for local networks.</summary>
    public bool AllowHttp { get; init; }

    /// <summary>Networks in CIDR notation that may be reached although they are not public, e.g. <c>127.0.0.0/8</c>. Default none.</summary>
    public IReadOnlyList<string> AllowedNetworks { get; init; } = [];

    /// <summary>Longest time of one attempt, connecting included. Default 10 s.</summary>
    public TimeSpan AttemptTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Attempts in all. Default 8, which with growing pauses from 2 s to 1 h spread over about two hours.</summary>
    public int MaxAttempts { get; init; } = 8;
}
