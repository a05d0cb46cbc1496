namespace Orchestrator.Worker.Platform;

internal static partial class NodeReporterLog
{
    [LoggerMessage(120, LogLevel.Warning, "The platform did not take a {Type}: {Reason}")]
    public static partial void NotReported(this ILogger log, string type, string reason);
}
