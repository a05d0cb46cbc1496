using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Activities;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Dispatch;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>
/// First phase of a job: chains at work until enough of them agree. Keeps asking others while chains fail, for as long as the attempts and the job's time
/// last. An attempt after the second goes to nodes that were heard since the failure only: where a stage's last holder has died, the job waits for it and burns none.
/// </summary>
internal sealed class ChainPhase(JobScope job)
{
    private const int StragglerFactor = 3;
    private const int StragglerProbes = 5;
    private const int MostDisputed = 3;

    private readonly JobSpec spec = job.Spec;
    private readonly List<ChainSlot> slots = job.Slots;
    private readonly HashSet<NodeId> failed = [];
    private readonly HashSet<string> blamed = [];
    private readonly List<ToleranceFinding> compared = [];
    private DateTimeOffset? failedAt;
    private string? lacked;
    private Task<ResultArrived>? result;
    private ReconciliationResult? last;
    private JobFailure? refused;

    /// <summary>Why there is no agreement, once <see cref="RunAsync"/> gave none.</summary>
    public JobFailure Failure => refused ?? Ended();

    /// <summary>The agreement, or null when the job was cancelled, ran out of time or cannot be decided.</summary>
    public async Task<ReconciliationResult?> RunAsync()
    {
        try
        {
            if (slots.Count == 0)
            {
                refused = await StartAsync();
                if (refused is not null)
                    return null;
            }

            job.Report(JobPhase.Running);
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
        job.Report(JobPhase.Planned);
        var held = await job.Context.CallActivityAsync<HoldAnswer>(HoldActivity.Name, spec, job.Until(spec.Deadline));
        if (!held.Accepted)
            return new JobFailure(JobFailureCodes.InsufficientQuota, held.Message);
        while (true)
        {
            var plan = await PlanAsync([.. Enumerable.Range(0, spec.Chains).Select(chain => new ChainNumber(chain, 0))]);
            if (plan.Chains.Count > 0)
            {
                slots.AddRange(plan.Chains.Select(c => new ChainSlot(c, job.Context.UtcNow)));
                await DispatchAsync(plan.Chains);
                return null;
            }

            job.Report(JobPhase.Planned, plan.Problem);
            if (!await job.PauseAsync())
                return job.Ended(lacked);
        }
    }

    private async Task<ReconciliationResult?> DecideAsync()
    {
        while (true)
        {
            var verdict = ChainReconciler.Reconcile([.. slots.Select(s => s.Outcome(spec))], spec.Chains, spec.Chains + (spec.Chains > 1 ? 1 : 0), compared);
            if (verdict.Verdict == Verdict.Agreed)
            {
                job.Observations.Agreed(slots, verdict, job.Context.UtcNow);
                return verdict;
            }

            last = verdict;
            if (verdict.Verdict == Verdict.NeedsComparison)
            {
                job.Report(JobPhase.Reconciling, verdict.Reason);
                if (!await CompareAsync(verdict.ToCompare))
                    return null;
                continue;
            }

            var wanted = Repair(verdict);
            if (job.IsOver || verdict.FailureCode == FailureCodes.ContextExceeded || IsHopeless(wanted))
                return null;
            wanted.RemoveAll(IsExhausted);
            if (wanted.Count > 0)
            {
                job.Report(JobPhase.Reconciling, verdict.Reason);
                if (!await RedispatchAsync(wanted, verdict))
                    return null;
            }
            else if (slots.All(s => !s.IsPending))
            {
                if (verdict.Verdict != Verdict.NeedsReferee || !await RefereeAsync(verdict))
                    return null;
            }
            else
            {
                await NextAsync();
            }
        }
    }

    /// <summary>Chain numbers that need another attempt, and one more when all are valid but differ.</summary>
    private List<ChainNumber> Repair(ReconciliationResult verdict)
    {
        var wanted = new List<ChainNumber>();
        for (int i = 0; i < slots.Count; i++)
        {
            var slot = slots[i];
            if (slot.IsPending || verdict.Chains[i].Faults.Count == 0)
                continue;
            // Whoever made a rejected chain wrong has been told apart from its other nodes.
            if (!slot.Rejected)
            {
                failed.UnionWith(slot.Blamed(verdict.Chains[i].Faults));
                failedAt = job.Context.UtcNow;
                job.Observations.GivenUp(slot, verdict.Chains[i].Faults, job.Context.UtcNow);
            }

            wanted.Add(new ChainNumber(slot.Chain.Chain, slot.Chain.Attempt + 1));
        }

        if (wanted.Count == 0 && verdict.Verdict == Verdict.NeedsThird && slots.All(s => !s.IsPending))
            wanted.Add(new ChainNumber(slots.Count, 0));
        return wanted;
    }

    private static bool IsExhausted(ChainNumber wanted) => wanted.Attempt >= InferenceJob.MaxAttempts;

    /// <summary>So many chains have used up their attempts that the rest cannot agree.</summary>
    private bool IsHopeless(List<ChainNumber> wanted) => wanted.Any(IsExhausted) && slots.Count - wanted.Count(IsExhausted) < spec.Chains;

    private async Task<bool> RedispatchAsync(List<ChainNumber> wanted, ReconciliationResult verdict)
    {
        // The first repair starts at once; after that failures are likely to last, and hammering does not help.
        if (wanted.Any(w => w.Attempt > 1) && !await job.PauseAsync())
            return false;
        var abandoned = slots.Where(s => s.MayHoldSessions && wanted.Any(w => w.Chain == s.Chain.Chain)).Select(s => s.Chain).ToList();
        if (abandoned.Count > 0)
            await job.Context.CallActivityAsync<bool>(CancelChainsActivity.Name, new DispatchRequest(spec, abandoned), job.Until(spec.Deadline));
        while (true)
        {
            var plan = await PlanAsync(wanted);
            if (plan.Chains.Count > 0)
            {
                foreach (var chain in plan.Chains)
                {
                    if (slots.Find(s => s.Chain.Chain == chain.Chain) is { } slot)
                        slot.Replace(chain, job.Context.UtcNow);
                    else
                        slots.Add(new ChainSlot(chain, job.Context.UtcNow));
                }

                await DispatchAsync(plan.Chains);
                return true;
            }

            // Where there are no hosts for one chain more, the referee decides between those there are.
            if (verdict.Verdict == Verdict.NeedsThird && wanted.All(w => w.Chain == slots.Count) && await RefereeAsync(verdict))
                return true;
            job.Report(JobPhase.Reconciling, plan.Problem);
            if (!await job.PauseAsync())
                return false;
        }
    }

    private async Task<PlanAnswer> PlanAsync(IReadOnlyList<ChainNumber> wanted)
    {
        var kept = slots.Where(s => wanted.All(w => w.Chain != s.Chain.Chain)).Select(s => s.Chain).ToList();
        var plan = await job.Context.CallActivityAsync<PlanAnswer>(
            PlanActivity.Name,
            new PlanRequest(spec, wanted, [.. kept.SelectMany(c => c.Stages).Select(s => s.Host).Distinct()], [.. failed], IsMixed ? null : kept.FirstOrDefault()?.Edge.Class, failedAt),
            job.Until(spec.Deadline));
        lacked = plan.Problem;
        return plan;
    }

    /// <summary>Its chains are compared within tolerance, so that one more may be of any class that the others may be compared with.</summary>
    private bool IsMixed => slots.SelectMany(s => s.Chain.Stages).Select(s => s.Class).Distinct().Count() > 1;

    /// <summary>The chains are on record before any node hears of them: results of others are refused.</summary>
    private Task DispatchAsync(IReadOnlyList<DispatchedChain> chains)
    {
        job.Report(JobPhase.Running);
        return job.Context.CallActivityAsync<bool>(DispatchActivity.Name, new DispatchRequest(spec, chains), job.Until(spec.Deadline));
    }

    /// <summary>
    /// Has chains of different classes run again by each other's nodes. The chain of whoever is proven wrong, for what it put out or for what it said of another, makes room for another
    /// attempt. False when the job's time is over first.
    /// </summary>
    private async Task<bool> CompareAsync(IReadOnlyList<ToCompare> pairs)
    {
        var asked = pairs.Select(p => (Chain: slots.First(s => s.Chain.Chain == p.Chain), By: slots.First(s => s.Chain.Chain == p.By))).ToList();
        var runs = asked.Select(p => Task.WhenAll(Enumerable.Range(0, spec.Choices).Select(choice => CompareAsync(p.Chain, p.By, choice)))).ToList();
        await Task.WhenAny(Task.WhenAll(runs), job.Over);
        if (!runs.All(r => r.IsCompletedSuccessfully))
            return false;
        for (int i = 0; i < runs.Count; i++)
        {
            var found = await runs[i];
            var worst = found.FirstOrDefault(f => f.Verdict != CheckVerdict.Passed) ?? found[0];
            compared.Add(new ToleranceFinding(asked[i].Chain.Chain.Session, asked[i].By.Chain.Session, worst.Verdict == CheckVerdict.Passed, worst.Note));
            job.Compared.Runs.Add(new ComparisonRun(asked[i].Chain.Chain, asked[i].By.Chain, found.Any(f => f.Verdict == CheckVerdict.NotDone) ? CheckVerdict.NotDone : worst.Verdict));
            job.Compared.Guilty.UnionWith(found.Select(f => f.Guilty).OfType<NodeId>());
            foreach (var guilty in found.Select(f => f.Guilty).OfType<NodeId>().Where(failed.Add))
                slots.First(s => s.Chain.Stages.Any(stage => stage.Node == guilty)).Reject();
        }

        return true;
    }

    private async Task<CheckResult> CompareAsync(ChainSlot chain, ChainSlot by, int choice)
    {
        var input = new ToleranceInput(CheckedChain.Of(spec, chain, choice, job.Context.UtcNow), CheckedChain.Of(spec, by, choice, job.Context.UtcNow), spec.Checks);
        try
        {
            return await job.Context.CallChildAsync<CheckResult>(ToleranceWorkflow.Name, input, input.Instance);
        }
        catch (ChildFailedException e)
        {
            return new CheckResult(CheckVerdict.Undecided, null, null, $"The comparison failed: {e.Failure.Message}");
        }
    }

    /// <summary>
    /// Valid chains differ and no majority can come: two of them are taken before the referee, and the chain whose node is proven wrong makes room for another attempt. False
    /// when nobody can be proven wrong.
    /// </summary>
    private async Task<bool> RefereeAsync(ReconciliationResult verdict)
    {
        if (spec.Checks.Referees.Count == 0)
            return false;
        foreach (var difference in verdict.Differences.Where(d => d.Kind != DifferenceKind.Tolerance))
        {
            var (a, b) = (slots.First(s => s.Chain.Chain == difference.ChainA), slots.First(s => s.Chain.Chain == difference.ChainB));
            var blame = ChainBlame.ByRoots(a.Outcome(spec), b.Outcome(spec), difference.Choice ?? 0);
            if (!BlameInput.CanProve(blame))
                continue;
            var input = new BlameInput(CheckedChain.Of(spec, a, blame.Choice, job.Context.UtcNow), CheckedChain.Of(spec, b, blame.Choice, job.Context.UtcNow), blame, true, spec.Checks);
            if (blamed.Count >= MostDisputed || !blamed.Add(input.Instance))
                continue;
            job.Report(JobPhase.Reconciling, blame.Reason);
            var found = job.Context.CallChildAsync<CheckResult>(BlameWorkflow.Name, input, input.Instance);
            await Task.WhenAny(found, job.Over);
            if (!found.IsCompletedSuccessfully)
                return false;
            if ((await found).Guilty is not { } guilty)
                continue;
            failed.Add(guilty);
            job.Compared.Guilty.Add(guilty);
            (a.Chain.Stages.Any(s => s.Node == guilty) ? a : b).Reject();
            return true;
        }

        return false;
    }

    /// <summary>Waits for one thing to happen and takes it in.</summary>
    private async Task NextAsync()
    {
        result ??= job.Context.WaitForEventAsync<ResultArrived>(InferenceJob.ResultEvent, job.Stopped);
        using var lookLost = new CancellationTokenSource();
        var look = job.Context.CreateTimerAsync(spec.ProbeInterval, lookLost.Token);
        await Task.WhenAny(result, job.Over, look);
        if (result.IsCompleted)
        {
            var arrived = await result;
            result = null;
            _ = slots.Any(s => s.Take(arrived, job.Context.UtcNow));
        }
        else if (look.IsCompleted && !job.IsOver)
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
        var lost = await job.Context.CallActivityAsync<IReadOnlyList<SessionId>>(ProbeActivity.Name, new DispatchRequest(spec, silent), job.Until(spec.Deadline));
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
        foreach (var slot in slots.Where(s => s.IsPending && job.Context.UtcNow - s.StartedAt > patience))
            slot.Lose();
    }

    private JobFailure Ended()
    {
        if (job.IsOver)
            return job.Ended(lacked);
        if (last?.FailureCode == FailureCodes.ContextExceeded)
            return new JobFailure(JobFailureCodes.ContextExceeded, last.Reason);
        return new JobFailure(
            last?.Verdict == Verdict.NeedsReferee ? JobFailureCodes.Disagreement : JobFailureCodes.ChainsFailed,
            last?.Reason ?? "The job ended without a verdict.");
    }
}
