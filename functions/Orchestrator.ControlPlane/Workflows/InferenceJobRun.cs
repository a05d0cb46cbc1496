using Orchestrator.ControlPlane.Activities;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Streaming;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>One execution of <see cref="InferenceJob"/>: from phase to phase. Deterministic: no clock, ids or effects but through the context.</summary>
internal sealed class InferenceJobRun(JobScope job)
{
    private Task observing = Task.CompletedTask;

    public async Task<JobOutcome> RunAsync()
    {
        try
        {
            var chains = new ChainPhase(job);
            var verdict = await chains.RunAsync();
            observing = job.ObserveAsync();
            if (verdict is null)
                return job.IsCancelled ? await LeaveAsync(chains.Failure) : await FailAsync(chains.Failure);
            job.Close();
            var agreed = job.Slots.Where(s => verdict.Agreed.Contains(s.Chain.Chain)).ToList();
            if (job.Spec.LongestCheck > TimeSpan.Zero)
                await CancelPendingAsync();
            var finality = new FinalityPhase(job, agreed);
            var answer = await finality.RunAsync();
            if (finality.Overturned is { } found)
                return await OverturnAsync(answer, found);
            return await SettleAsync(agreed, answer, verdict);
        }
        finally
        {
            job.Close();
        }
    }

    private async Task<JobOutcome> SettleAsync(IReadOnlyList<ChainSlot> agreed, JobAnswer answer, ReconciliationResult verdict)
    {
        job.Report(JobPhase.Settling, null, answer);
        var outcome = new JobOutcome(JobPhase.Completed, answer, null) { Charged = answer.Info.Price.Charged, Checks = [.. job.Checks] };
        var settled = await job.Context.CallActivityAsync<SettleAnswer>(
            SettleActivity.Name, new SettleRequest(job.Spec, outcome, Agreement.Rewards(job.Spec, agreed, job.Compared), job.Context.UtcNow), JobScope.Persistent);
        await CancelPendingAsync();
        await BlameAsync(verdict);
        return await EndAsync(settled.Paid
            ? outcome
            : new JobOutcome(JobPhase.Failed, null, new JobFailure(JobFailureCodes.HoldExpired, "The money set aside was released before the job could be settled.")));
    }

    /// <summary>Chains that were outvoted are not paid; whose receipt can be proven wrong is challenged by the node that ran the same stage of an agreed chain.</summary>
    private async Task BlameAsync(ReconciliationResult verdict)
    {
        if (job.Spec.Checks.Referees.Count == 0)
            return;
        foreach (var (chain, reference, blame) in verdict.Blames.Where(b => BlameInput.CanProve(b.Blame)))
        {
            var (accused, right) = (job.Slots.First(s => s.Chain.Chain == chain), job.Slots.First(s => s.Chain.Chain == reference));
            await job.Context.CallActivityAsync<bool>(
                BlameActivity.Name,
                new BlameInput(
                    CheckedChain.Of(job.Spec, accused, blame.Choice, job.Context.UtcNow),
                    CheckedChain.Of(job.Spec, right, blame.Choice, job.Context.UtcNow),
                    blame,
                    BothWays: false,
                    job.Spec.Checks),
                JobScope.Persistent);
        }
    }

    /// <summary>The developer gets everything back; who was proven to have cheated has been slashed by the check that proved it.</summary>
    private async Task<JobOutcome> OverturnAsync(JobAnswer answer, CheckResult found)
    {
        await job.Context.CallActivityAsync<bool>(ReleaseActivity.Name, job.Spec, JobScope.Persistent);
        return await EndAsync(new JobOutcome(JobPhase.Overturned, answer, new JobFailure(JobFailureCodes.Overturned, found.Note)) { Checks = [.. job.Checks] });
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
        return await EndAsync(settled.Paid ? outcome : outcome with { Charged = 0 });
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
        return await EndAsync(new JobOutcome(failure.Code == JobFailureCodes.Cancelled ? JobPhase.Cancelled : JobPhase.Failed, null, failure));
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

    private async Task<JobOutcome> EndAsync(JobOutcome outcome)
    {
        await observing;
        // Whoever reads that the job has ended finds its outcome: both are written in one turn.
        job.Report(outcome.Phase, outcome.Failure?.Message, outcome.Answer);
        await job.NotifyAsync(
            outcome.Phase switch
            {
                JobPhase.Completed => "final",
                JobPhase.Overturned => "overturned",
                JobPhase.Cancelled => "cancelled",
                _ => "failed",
            },
            outcome.Failure?.Message);
        return outcome;
    }
}
