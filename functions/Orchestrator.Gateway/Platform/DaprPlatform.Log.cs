namespace Orchestrator.Gateway.Platform;

internal static partial class DaprPlatformLog
{
    [LoggerMessage(410, LogLevel.Warning, "The subscription to {Topic} broke, trying again: {Reason}")]
    public static partial void SubscriptionBroke(this ILogger log, string topic, string reason);

    [LoggerMessage(411, LogLevel.Debug, "A message of {Topic} was not answered: {Reason}")]
    public static partial void NotAnswered(this ILogger log, string topic, string reason);

    [LoggerMessage(412, LogLevel.Warning, "Dropped something on {Topic} that is no signed message: {Reason}")]
    public static partial void NotAMessage(this ILogger log, string topic, string reason);
}
