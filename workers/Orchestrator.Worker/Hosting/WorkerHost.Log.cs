namespace Orchestrator.Worker.Hosting;

internal static partial class WorkerHostLog
{
    [LoggerMessage(130, LogLevel.Information, "Draining: {Sessions} sessions are left, {Grace} at most; a second signal stops at once")]
    public static partial void Draining(this ILogger log, int sessions, TimeSpan grace);
}
