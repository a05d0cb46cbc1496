namespace Orchestrator.Worker.Gateway;

internal static partial class GatewayLinkLog
{
    [LoggerMessage(140, LogLevel.Information, "Joined by gateway {Address}")]
    public static partial void Joined(this ILogger log, string address);

    [LoggerMessage(141, LogLevel.Information, "Gateway {Address} sent this node away for {After}: {Reason}")]
    public static partial void SentAway(this ILogger log, string address, string reason, TimeSpan after);

    [LoggerMessage(142, LogLevel.Warning, "No gateway at {Address}, next attempt in {Pause}: {Reason}")]
    public static partial void Lost(this ILogger log, string address, string reason, TimeSpan pause);

    [LoggerMessage(143, LogLevel.Information, "Back at gateway {Address}, which comes before {Other}: that one is left when nothing needs it any more")]
    public static partial void Returned(this ILogger log, string address, string other);
}
