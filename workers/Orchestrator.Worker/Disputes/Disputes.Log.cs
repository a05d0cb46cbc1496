using Orchestrator.Contracts;

namespace Orchestrator.Worker.Disputes;

internal static partial class DisputesLog
{
    [LoggerMessage(510, LogLevel.Information, "Judged dispute {Dispute}: {Outcome}. {Reason}")]
    public static partial void Judged(this ILogger log, string dispute, RefereeOutcome outcome, string reason);

    [LoggerMessage(511, LogLevel.Warning, "Could not judge dispute {Dispute} about stage {Stage}")]
    public static partial void CannotJudge(this ILogger log, string dispute, int stage, Exception error);

    [LoggerMessage(512, LogLevel.Warning, "Could not trace session {Session}, stage {Stage}")]
    public static partial void CannotTrace(this ILogger log, string session, int stage, Exception error);
}
