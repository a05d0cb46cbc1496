namespace Orchestrator.Worker.Shards;

internal static partial class ShardKeeperLog
{
    [LoggerMessage(200, LogLevel.Information, "Shard {Manifest}/{Stage} is ready")]
    public static partial void Loaded(this ILogger log, string manifest, int stage);

    [LoggerMessage(201, LogLevel.Warning, "Shard {Manifest}/{Stage} could not be loaded")]
    public static partial void LoadFailed(this ILogger log, string manifest, int stage, Exception error);

    [LoggerMessage(202, LogLevel.Warning, "Shard {Manifest}/{Stage} is loaded but could not be warmed up")]
    public static partial void NotWarm(this ILogger log, string manifest, int stage, Exception error);
}
