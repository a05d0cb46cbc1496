using System.Collections.Concurrent;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>
/// Tells requests waiting on this replica that a job's answer is agreed and its hold settled, before hosts have been paid. Only a shortcut: whoever
/// waits here also waits for the workflow to end, which is what counts on other replicas.
/// </summary>
public sealed class JobSignals
{
    private readonly ConcurrentDictionary<JobId, TaskCompletionSource<JobOutcome>> waiting = new();

    /// <summary>Completes when the job is settled on this replica; call <see cref="Forget"/> afterwards.</summary>
    public Task<JobOutcome> WatchAsync(JobId job) =>
        waiting.GetOrAdd(job, _ => new(TaskCreationOptions.RunContinuationsAsynchronously)).Task;

    /// <summary>Wakes whoever watches.</summary>
    public void Settled(JobId job, JobOutcome outcome)
    {
        if (waiting.TryGetValue(job, out var source))
            source.TrySetResult(outcome);
    }

    /// <summary>Nobody watches any more.</summary>
    public void Forget(JobId job) => waiting.TryRemove(job, out _);
}
