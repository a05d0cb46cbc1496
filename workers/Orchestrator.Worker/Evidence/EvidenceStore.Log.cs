namespace Orchestrator.Worker.Evidence;

internal static partial class EvidenceStoreLog
{
    [LoggerMessage(400, LogLevel.Warning, "Evidence in {Path} could not be deleted: delete it by hand")]
    public static partial void NotDeleted(this ILogger log, string path, Exception error);
}
