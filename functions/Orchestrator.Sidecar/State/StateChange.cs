namespace Orchestrator.Sidecar.State;

/// <summary>One upsert, or a delete when <paramref name="Value"/> is null.</summary>
internal sealed record StateChange(string Key, byte[]? Value, string? ETag = null, Concurrency Concurrency = Concurrency.Unspecified, int? TtlSeconds = null);

internal enum Concurrency
{
    Unspecified,
    FirstWrite,
    LastWrite,
}
