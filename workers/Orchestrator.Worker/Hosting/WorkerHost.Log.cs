namespace Orchestrator.Worker.Hosting;

internal static partial class WorkerHostLog
{
    [LoggerMessage(130, LogLevel.Information, "Draining: {Sessions} sessions are left, {Grace} at most; a second signal stops at once")]
    public static partial void Draining(this ILogger log, int sessions, TimeSpan grace);

    [LoggerMessage(131, LogLevel.Information, "Reachable through the relay at {Relay}")]
    public static partial void RelayUp(this ILogger log, string relay);

    [LoggerMessage(132, LogLevel.Warning, "Not reachable through the relay, trying again: {Reason}")]
    public static partial void RelayDown(this ILogger log, string reason);

    [LoggerMessage(133, LogLevel.Warning, "{File} was empty for {Wait}: the GPU is described by what the runtime knows. Is a controller there to write the pod's labels?")]
    public static partial void NoGpuLabels(this ILogger log, string file, TimeSpan wait);
}
