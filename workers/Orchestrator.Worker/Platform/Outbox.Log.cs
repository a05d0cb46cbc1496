namespace Orchestrator.Worker.Platform;

internal static partial class OutboxLog
{
    [LoggerMessage(100, LogLevel.Warning, "Could not publish {Type} on {Topic}, trying again: {Reason}")]
    public static partial void PublishRetry(this ILogger log, string type, string topic, string reason);

    [LoggerMessage(101, LogLevel.Error, "Gave up publishing {Type} on {Topic}: {Reason}")]
    public static partial void LostMessage(this ILogger log, string type, string topic, string reason);
}
