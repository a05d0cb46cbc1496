using System.Collections.Concurrent;

namespace Orchestrator.Durable.Engine;

/// <summary>Wakes those who wait in this process for an instance to finish.</summary>
sealed class CompletionSignals
{
    readonly ConcurrentDictionary<string, TaskCompletionSource> _waiting = new();

    /// <summary>Take it before reading the state, so that no change falls between.</summary>
    public Task Next(string instanceId) =>
        _waiting.GetOrAdd(instanceId, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    public void Finished(string instanceId)
    {
        if (_waiting.TryRemove(instanceId, out var source))
        {
            source.SetResult();
        }
    }
}
