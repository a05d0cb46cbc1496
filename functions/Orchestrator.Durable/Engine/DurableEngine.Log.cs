using Microsoft.Extensions.Logging;

namespace Orchestrator.Durable.Engine;

static partial class EngineLog
{
    [LoggerMessage(1, LogLevel.Information, "Journal {Path} taken over as epoch {Epoch}: {Activities} activities, {Timers} timers, {Starts} starts, {Mail} inboxes to go on with.")]
    public static partial void TakenOver(ILogger logger, string path, long epoch, int activities, int timers, int starts, int mail);

    [LoggerMessage(2, LogLevel.Information, "Journal {Path} belongs to another engine; standing by.")]
    public static partial void StandingBy(ILogger logger, string path);

    [LoggerMessage(3, LogLevel.Critical, "Journal {Path} was taken away from this engine; it stops working on it.")]
    public static partial void Fenced(ILogger logger, string path, Exception exception);

    [LoggerMessage(4, LogLevel.Error, "A turn of workflow {InstanceId} could not be committed; it is tried again.")]
    public static partial void TurnFailed(ILogger logger, string instanceId, Exception exception);

    [LoggerMessage(5, LogLevel.Error, "Workflow {InstanceId} waits: {Reason}")]
    public static partial void Blocked(ILogger logger, string instanceId, string reason);

    [LoggerMessage(6, LogLevel.Warning, "Workflow {InstanceId} ({Name} version {Version}) failed: {Type}: {Message}")]
    public static partial void WorkflowFailed(ILogger logger, string instanceId, string name, string version, string type, string message);

    [LoggerMessage(7, LogLevel.Warning, "Activity {Name} of workflow {InstanceId} failed on attempt {Attempt}.")]
    public static partial void ActivityFailed(ILogger logger, string name, string instanceId, int attempt, Exception exception);

    [LoggerMessage(8, LogLevel.Error, "Watching journal {Path} failed; it is tried again.")]
    public static partial void WatchFailed(ILogger logger, string path, Exception exception);

    [LoggerMessage(9, LogLevel.Debug, "Workflow {InstanceId}: late or repeated {Message} ignored.")]
    public static partial void Ignored(ILogger logger, string instanceId, string message);
}
