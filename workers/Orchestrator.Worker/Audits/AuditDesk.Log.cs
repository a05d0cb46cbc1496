namespace Orchestrator.Worker.Audits;

internal static partial class AuditDeskLog
{
    [LoggerMessage(500, LogLevel.Information, "Audit {Audit} of stage {Stage} done: {Chunks} chunks, {Gaps} draws came out otherwise")]
    public static partial void Audited(this ILogger log, string audit, int stage, int chunks, int gaps);

    [LoggerMessage(501, LogLevel.Warning, "Audit {Audit} of stage {Stage} failed")]
    public static partial void AuditFailed(this ILogger log, string audit, int stage, Exception error);
}
