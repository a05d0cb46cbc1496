namespace Orchestrator.Worker.Intake;

internal static partial class WorkIntakeLog
{
    [LoggerMessage(110, LogLevel.Information, "A {Type} message had no effect: {Reason}")]
    public static partial void Ignored(this ILogger log, string type, string reason);
}
