using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Jobs;

/// <summary>Reads jobs from their workflows.</summary>
public sealed class JobReader(IWorkflowClient workflows, IActorProxyFactory actors)
{
    /// <summary>A job; null when there is none, or it is another account's: callers cannot tell which.</summary>
    public async Task<JobSnapshot?> FindAsync(string id, string owner, CancellationToken cancel) =>
        JobId.TryParse(id, out var job) && await ReadAsync(job, cancel) is { } found && found.Spec.Owner == owner ? found : null;

    /// <summary>A job; null when there is none.</summary>
    public async Task<JobSnapshot?> ReadAsync(JobId job, CancellationToken cancel) =>
        await workflows.GetAsync(job.Value, cancel) is { } state ? JobSnapshot.Of(state) : null;

    /// <summary>The chains at work on a job now; null when it is not scheduled yet.</summary>
    public async Task<IReadOnlyList<DispatchedChain>?> ChainsAsync(JobId job, CancellationToken cancel) =>
        (await ReadAsync(job, cancel))?.Progress.Chains;

    /// <summary>An account's jobs, newest first, of those its account remembers (the last 256). A batch job is listed once money was asked for it.</summary>
    public async Task<IReadOnlyList<JobSnapshot>> ListAsync(string owner, int limit, CancellationToken cancel)
    {
        List<JobSnapshot> found = [];
        foreach (string id in await actors.Account(owner).JobsAsync())
        {
            if (found.Count < limit && await FindAsync(id, owner, cancel) is { } job)
                found.Add(job);
        }

        return [.. found.OrderByDescending(j => j.Spec.CreatedAt)];
    }
}

/// <summary>A job as its workflow stands.</summary>
/// <param name="Spec">What was asked.</param>
/// <param name="Progress">Where it is.</param>
/// <param name="Outcome">How it ended; null while it runs.</param>
/// <param name="UpdatedAt">When that changed last.</param>
public sealed record JobSnapshot(JobSpec Spec, JobProgress Progress, JobOutcome? Outcome, DateTimeOffset UpdatedAt)
{
    /// <summary>The answer, provisional or not; null while there is none.</summary>
    public JobAnswer? Answer => Outcome is null ? Progress.Answer : Outcome.Answer;

    /// <summary>Reads a workflow's state; null when it is none of a job.</summary>
    public static JobSnapshot? Of(WorkflowState state)
    {
        if (state.Name != InferenceJob.Name || state.ReadInput<InferenceJobInput>() is not { } input)
            return null;
        var progress = state.ReadCustomStatus<JobProgress>()
            ?? new JobProgress(input.Chains.Count > 0 ? JobPhase.Running : JobPhase.Planned, input.Chains);
        var outcome = state.Status switch
        {
            WorkflowStatus.Completed => state.ReadOutput<JobOutcome>(),
            WorkflowStatus.Failed or WorkflowStatus.Terminated => new JobOutcome(
                JobPhase.Failed, null, new JobFailure(JobFailureCodes.ChainsFailed, "The job's workflow failed.")),
            _ => null,
        };
        return new JobSnapshot(input.Spec, outcome is null ? progress : progress with { Phase = outcome.Phase }, outcome, state.UpdatedAt);
    }
}
