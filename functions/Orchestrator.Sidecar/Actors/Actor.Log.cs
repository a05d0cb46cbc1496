using Microsoft.Extensions.Logging;

namespace Orchestrator.Sidecar.Actors;

internal static partial class ActorLog
{
    [LoggerMessage(401, LogLevel.Warning, "Actor {Type}/{Id} on {Host} did not end its turn within the drain time")]
    public static partial void DrainTimedOut(ILogger log, string type, string id, string host);

    [LoggerMessage(402, LogLevel.Debug, "Deactivation of {Type}/{Id} failed: {Reason}")]
    public static partial void DeactivationFailed(ILogger log, string type, string id, string reason);

    [LoggerMessage(403, LogLevel.Warning, "Reminder {Name} of {Type}/{Id} failed and its tick is dropped: {Reason}")]
    public static partial void TickDropped(ILogger log, string name, string type, string id, string reason);

    [LoggerMessage(404, LogLevel.Debug, "Timer {Name} of {Type}/{Id} failed: {Reason}")]
    public static partial void TimerFailed(ILogger log, string name, string type, string id, string reason);
}
