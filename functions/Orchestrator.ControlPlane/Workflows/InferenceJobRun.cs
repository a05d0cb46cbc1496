using Orchestrator.ControlPlane.Activities;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>One execution of <see cref="InferenceJob"/>: from phase to phase. Deterministic: no clock, ids or effects but through the context.</summary>
internal sealed class InferenceJobRun(JobScope job)
{
    public async Task<JobOutcome> RunAsync()
    {
        try
        {
            var chains = new ChainPhase(job);
            if (await chains.RunAsync() is { } agreed)
                return await SettleAsync(agreed);
            return job.IsCancelled ? await LeaveAsync(chains.Failure) : await FailAsync(chains.Failure);
        }
        finally
        {
            job.Close();
        }
    }

    private async Task<JobOutcome> SettleAsync(ReconciliationResult verdict)
    {
        job.Report(JobPhase.Settling);
        var agreed = job.Slots.Where(s => verdict.Agreed.Contains(s.Chain.Chain)).ToList();
        var answer = Agreement.Answer(job.Spec, agreed);
        var outcome = new JobOutcome(JobPhase.Completed, answer, null) { Charged = answer.Info.Price.Charged };
        var settled = await job.Context.CallActivityAsync<SettleAnswer>(
            SettleActivity.Name, new SettleRequest(job.Spec, outcome, Agreement.Rewards(job.Spec, agreed), job.Context.UtcNow), JobScope.Persistent);
        await CancelPendingAsync();
        return End(settled.Paid
            ? outcome
            : new JobOutcome(JobPhase.Failed, null, new JobFailure(JobFailureCodes.HoldExpired, "The money set aside was released before the job could be settled.")));
    }

    /// <summary>Pays for what the chains had streamed when the job was cancelled.</summary>
    private async Task<JobOutcome> LeaveAsync(JobFailure failure)
    {
        var working = job.Slots.Select(s => s.Chain).ToList();
        var streamed = working.Count > 0 ? await StreamedAsync(working) : StreamedAnswer.Nothing;
        if (streamed.Tokens == 0)
            return await FailAsync(failure);
        var paid = working.Where(c => streamed.Sessions.Contains(c.Session)).ToList();
        var (charge, rewards) = Agreement.Streamed(job.Spec, paid, streamed.Tokens);
        var outcome = new JobOutcome(JobPhase.Cancelled, null, failure) { Charged = charge };
        await CancelPendingAsync();
        var settled = await job.Context.CallActivityAsync<SettleAnswer>(
            SettleActivity.Name, new SettleRequest(job.Spec, outcome, rewards, job.Context.UtcNow), JobScope.Persistent);
        return End(settled.Paid ? outcome : outcome with { Charged = 0 });
    }

    private async Task<StreamedAnswer> StreamedAsync(IReadOnlyList<DispatchedChain> chains)
    {
        try
        {
            return await job.Context.CallActivityAsync<StreamedAnswer>(StreamedActivity.Name, new DispatchRequest(job.Spec, chains), job.Until(job.Spec.Deadline));
        }
        catch (ActivityFailedException)
        {
            return StreamedAnswer.Nothing;
        }
    }

    private async Task<JobOutcome> FailAsync(JobFailure failure)
    {
        await CancelPendingAsync();
        await job.Context.CallActivityAsync<bool>(ReleaseActivity.Name, job.Spec, JobScope.Persistent);
        return End(new JobOutcome(failure.Code == JobFailureCodes.Cancelled ? JobPhase.Cancelled : JobPhase.Failed, null, failure));
    }

    private async Task CancelPendingAsync()
    {
        var pending = job.Slots.Where(s => s.MayHoldSessions).Select(s => s.Chain).ToList();
        if (pending.Count == 0)
            return;
        try
        {
            await job.Context.CallActivityAsync<bool>(CancelChainsActivity.Name, new DispatchRequest(job.Spec, pending), job.Until(job.Spec.Deadline));
        }
        catch (ActivityFailedException)
        {
            // Sessions end by themselves at the deadline.
        }
    }

    private JobOutcome End(JobOutcome outcome)
    {
        job.Report(outcome.Phase, outcome.Failure?.Message);
        return outcome;
    }
}
