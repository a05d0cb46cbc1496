namespace Orchestrator.Worker.Sessions;

internal static partial class SessionsLog
{
    [LoggerMessage(300, LogLevel.Warning, "Session {Session} failed at stage {Stage}")]
    public static partial void StageFailed(this ILogger log, string session, int stage, Exception error);

    [LoggerMessage(301, LogLevel.Information, "Session {Session} stage {Stage}: refused, {Reason}")]
    public static partial void Refused(this ILogger log, string session, int stage, string reason);

    [LoggerMessage(302, LogLevel.Information, "Link to a peer {Peer} ended: {Reason}")]
    public static partial void LinkEnded(this ILogger log, string peer, string reason);

    [LoggerMessage(303, LogLevel.Warning, "Session {Session} has no answer: {Code} at stage {Stage}: {Reason}")]
    public static partial void ChainFailed(this ILogger log, string session, string code, int? stage, string reason);
}
