using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Activities;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>One execution of <see cref="InferenceJob"/>: its state between awaits. Deterministic: no clock, ids or effects but through the context.</summary>
internal sealed class InferenceJobRun(IWorkflowContext context, InferenceJobInput input) : IDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private const int StragglerFactor = 3;
    private const int StragglerProbes = 5;
    private static readonly RetryPolicy Persistent = new(10_000, TimeSpan.FromMilliseconds(200)) { MaxDelay = TimeSpan.FromSeconds(15) };

    private readonly JobSpec spec = input.Spec;
    private readonly List<ChainSlot> slots = [.. input.Chains.Select(c => new ChainSlot(c, input.Spec.CreatedAt))];
    private readonly HashSet<NodeId> failed = [];
    private readonly CancellationTokenSource stop = new();
    private Task<ResultArrived>? result;
    private Task<CancelRequested>? cancel;
    private Task? deadline;
    private TimeSpan pause = FirstPause;
    private ReconciliationResult? last;
    private JobFailure? refused;

    public async Task<JobOutcome> RunAsync()
    {
        try
        {
            cancel = context.WaitForEventAsync<CancelRequested>(InferenceJob.CancelEvent, stop.Token);
            deadline = context.CreateTimerAsync(spec.Deadline, stop.Token);
            return await AnswerAsync() is { } agreed ? await SettleAsync(agreed) : await FailAsync(refused ?? Ended());
        }
        finally
        {
            stop.Cancel();
        }
    }

    public void Dispose() => stop.Dispose();

    private async Task<ReconciliationResult?> AnswerAsync()
    {
        try
        {
            if (slots.Count == 0)
            {
                refused = await StartAsync();
                if (refused is not null)
                    return null;
            }

            Report(JobPhase.Running);
            return await DecideAsync();
        }
        catch (ActivityFailedException e)
        {
            // What an activity could not do until the deadline fails the job; its hold is released all the same.
            refused = new JobFailure(JobFailureCodes.ChainsFailed, $"The job could not go on: {e.Failure.Message}");
            return null;
        }
    }

    private async Task<JobFailure?> StartAsync()
    {
        Report(JobPhase.Planned);
        var held = await context.CallActivityAsync<HoldAnswer>(HoldActivity.Name, spec, Until(spec.Deadline));
        if (!held.Accepted)
            return new JobFailure(JobFailureCodes.InsufficientQuota, held.Message);
        while (true)
        {
            var plan = await PlanAsync([.. Enumerable.Range(0, spec.Chains).Select(chain => new ChainNumber(chain, 0))]);
            if (plan.Chains.Count > 0)
            {
                slots.AddRange(plan.Chains.Select(c => new ChainSlot(c, context.UtcNow)));
                await DispatchAsync(plan.Chains);
                return null;
            }

            Report(JobPhase.Planned, plan.Problem);
            if (!await PauseAsync())
                return Ended();
        }
    }

    /// <summary>The agreement, or null when the job was cancelled, ran out of time or cannot be decided.</summary>
    private async Task<ReconciliationResult?> DecideAsync()
    {
        while (true)
        {
            var verdict = ChainReconciler.Reconcile([.. slots.Select(s => s.Outcome(spec))], spec.Chains, spec.Chains + (spec.Chains > 1 ? 1 : 0));
            if (verdict.Verdict == Verdict.Agreed)
                return verdict;
            if (IsOver || verdict.FailureCode == FailureCodes.ContextExceeded || slots.Any(s => s.Chain.Attempt >= InferenceJob.MaxAttempts))
            {
                last = verdict;
                return null;
            }

            if (Repair(verdict) is { Count: > 0 } wanted)
            {
                Report(JobPhase.Reconciling, verdict.Reason);
                if (!await RedispatchAsync(wanted))
                    return null;
            }
            else if (slots.All(s => !s.IsPending))
            {
                last = verdict;
                return null;
            }
            else
            {
                await NextAsync();
            }
        }
    }

    private bool IsOver => cancel!.IsCompleted || deadline!.IsCompleted;

    /// <summary>Chain numbers that need another attempt, and one more when all are valid but differ.</summary>
    private List<ChainNumber> Repair(ReconciliationResult verdict)
    {
        var wanted = new List<ChainNumber>();
        for (int i = 0; i < slots.Count; i++)
        {
            var slot = slots[i];
            if (slot.IsPending || verdict.Chains[i].Faults.Count == 0)
                continue;
            failed.UnionWith(slot.Blamed(verdict.Chains[i].Faults));
            wanted.Add(new ChainNumber(slot.Chain.Chain, slot.Chain.Attempt + 1));
        }

        if (wanted.Count == 0 && verdict.Verdict == Verdict.NeedsThird && slots.All(s => !s.IsPending))
            wanted.Add(new ChainNumber(slots.Count, 0));
        return wanted;
    }

    private async Task<bool> RedispatchAsync(List<ChainNumber> wanted)
    {
        // The first repair starts at once; after that failures are likely to last, and hammering does not help.
        if (wanted.Any(w => w.Attempt > 1) && !await PauseAsync())
            return false;
        var abandoned = slots.Where(s => s.MayHoldSessions && wanted.Any(w => w.Chain == s.Chain.Chain)).Select(s => s.Chain).ToList();
        if (abandoned.Count > 0)
            await context.CallActivityAsync<bool>(CancelChainsActivity.Name, new DispatchRequest(spec, abandoned), Until(spec.Deadline));
        while (true)
        {
            var plan = await PlanAsync(wanted);
            if (plan.Chains.Count > 0)
            {
                foreach (var chain in plan.Chains)
                {
                    if (slots.Find(s => s.Chain.Chain == chain.Chain) is { } slot)
                        slot.Replace(chain, context.UtcNow);
                    else
                        slots.Add(new ChainSlot(chain, context.UtcNow));
                }

                await DispatchAsync(plan.Chains);
                return true;
            }

            Report(JobPhase.Reconciling, plan.Problem);
            if (!await PauseAsync())
                return false;
        }
    }

    private Task<PlanAnswer> PlanAsync(IReadOnlyList<ChainNumber> wanted)
    {
        var kept = slots.Where(s => wanted.All(w => w.Chain != s.Chain.Chain)).Select(s => s.Chain).ToList();
        return context.CallActivityAsync<PlanAnswer>(
            PlanActivity.Name,
            new PlanRequest(spec, wanted, [.. kept.SelectMany(c => c.Stages).Select(s => s.Host).Distinct()], [.. failed], kept.FirstOrDefault()?.Edge.Class),
            Until(spec.Deadline));
    }

    /// <summary>The chains are on record before any node hears of them: results of others are refused.</summary>
    private Task DispatchAsync(IReadOnlyList<DispatchedChain> chains)
    {
        Report(JobPhase.Running);
        return context.CallActivityAsync<bool>(DispatchActivity.Name, new DispatchRequest(spec, chains), Until(spec.Deadline));
    }

    /// <summary>Waits for one thing to happen and takes it in.</summary>
    private async Task NextAsync()
    {
        result ??= context.WaitForEventAsync<ResultArrived>(InferenceJob.ResultEvent, stop.Token);
        using var lookLost = new CancellationTokenSource();
        var look = context.CreateTimerAsync(spec.ProbeInterval, lookLost.Token);
        await Task.WhenAny(result, cancel!, deadline!, look);
        if (result.IsCompleted)
        {
            var arrived = await result;
            result = null;
            _ = slots.Any(s => s.Take(arrived, context.UtcNow));
        }
        else if (look.IsCompleted && !IsOver)
        {
            await ProbeAsync();
        }

        lookLost.Cancel();
    }

    private async Task ProbeAsync()
    {
        LoseStragglers();
        var silent = slots.Where(s => s.IsPending).Select(s => s.Chain).ToList();
        if (silent.Count == 0)
            return;
        var lost = await context.CallActivityAsync<IReadOnlyList<SessionId>>(ProbeActivity.Name, new DispatchRequest(spec, silent), Until(spec.Deadline));
        foreach (var slot in slots.Where(s => lost.Contains(s.Chain.Session)))
            slot.Lose();
    }

    /// <summary>
    /// Gives up chains that take far longer than one that has answered: an edge that holds its session open and its result back would otherwise keep
    /// the job from ending before its deadline.
    /// </summary>
    private void LoseStragglers()
    {
        if (slots.Max(s => s.Took) is not { } took)
            return;
        var patience = took * StragglerFactor + spec.ProbeInterval * StragglerProbes;
        foreach (var slot in slots.Where(s => s.IsPending && context.UtcNow - s.StartedAt > patience))
            slot.Lose();
    }

    /// <summary>Waits a growing while; false when the job is over first.</summary>
    private async Task<bool> PauseAsync()
    {
        using var lost = new CancellationTokenSource();
        var timer = context.CreateTimerAsync(context.UtcNow + pause, lost.Token);
        pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
        await Task.WhenAny(timer, cancel!, deadline!);
        lost.Cancel();
        return !IsOver;
    }

    private async Task<JobOutcome> SettleAsync(ReconciliationResult verdict)
    {
        Report(JobPhase.Settling);
        var agreed = slots.Where(s => verdict.Agreed.Contains(s.Chain.Chain)).ToList();
        var answer = Agreement.Answer(spec, agreed);
        var rewards = Agreement.Rewards(spec, agreed);
        var settled = await context.CallActivityAsync<SettleAnswer>(
            SettleActivity.Name, new SettleRequest(spec, answer, rewards, context.UtcNow), Persistent);
        await CancelPendingAsync();
        if (!settled.Paid)
            return End(new JobOutcome(JobPhase.Failed, null, new JobFailure(JobFailureCodes.HoldExpired, "The money set aside was released before the job could be settled.")));
        return End(new JobOutcome(JobPhase.Completed, answer, null));
    }

    private async Task<JobOutcome> FailAsync(JobFailure failure)
    {
        await CancelPendingAsync();
        await context.CallActivityAsync<bool>(ReleaseActivity.Name, spec, Persistent);
        return End(new JobOutcome(failure.Code == JobFailureCodes.Cancelled ? JobPhase.Cancelled : JobPhase.Failed, null, failure));
    }

    private async Task CancelPendingAsync()
    {
        var pending = slots.Where(s => s.MayHoldSessions).Select(s => s.Chain).ToList();
        if (pending.Count == 0)
            return;
        try
        {
            await context.CallActivityAsync<bool>(CancelChainsActivity.Name, new DispatchRequest(spec, pending), Until(spec.Deadline));
        }
        catch (ActivityFailedException)
        {
            // Sessions end by themselves at the deadline.
        }
    }

    private JobFailure Ended()
    {
        if (cancel!.IsCompleted)
            return new JobFailure(JobFailureCodes.Cancelled, "The job was cancelled.");
        if (deadline!.IsCompleted)
            return new JobFailure(JobFailureCodes.DeadlineExceeded, "The job did not end before its deadline.");
        if (last?.FailureCode == FailureCodes.ContextExceeded)
            return new JobFailure(JobFailureCodes.ContextExceeded, last.Reason);
        return new JobFailure(
            last?.Verdict == Verdict.Disagreed ? JobFailureCodes.Disagreement : JobFailureCodes.ChainsFailed,
            last?.Reason ?? "The job ended without a verdict.");
    }

    private JobOutcome End(JobOutcome outcome)
    {
        Report(outcome.Phase, outcome.Failure?.Message);
        return outcome;
    }

    private void Report(JobPhase phase, string? note = null) =>
        context.SetCustomStatus(new JobProgress(phase, [.. slots.Select(s => s.Chain)], note));

    private RetryPolicy Until(DateTimeOffset end) => Persistent with
    {
        MaxDelay = TimeSpan.FromSeconds(2),
        Timeout = end > context.UtcNow ? end - context.UtcNow : TimeSpan.FromSeconds(1),
    };
}
