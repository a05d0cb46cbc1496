using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Disputes;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Settlement;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>
/// Second phase of a job, after its chains agreed: from the delivered answer to the one that counts.
/// <code>
/// none, redundant -> final at once
/// sampled         -> lottery; nothing drawn: final at once; else provisional until its audits have ended
/// optimistic      -> lottery; provisional until the challenge window is over and all audits and disputes have ended
/// a receipt is found wrong, its evidence is not served, or independent auditors doubt it -> overturned, at once
/// </code>
/// Money stays on hold all the while. A challenge that arrives while the window is open is heard, however long it takes.
/// </summary>
internal sealed class FinalityPhase(JobScope job, IReadOnlyList<ChainSlot> agreed)
{
    private const int MostCompared = 64;

    // A challenge that was taken in time is heard although it gets here a little later.
    private readonly TimeSpan grace = job.Spec.Assurance.HasWindow ? TimeSpan.FromSeconds(2) : TimeSpan.Zero;

    private readonly Rewards rewards = Agreement.Rewards(job.Spec, agreed, job.Compared);
    private readonly List<Check> running = [];
    private readonly DateTimeOffset decided = job.Context.UtcNow;
    private JobAnswer answer = Agreement.Answer(job.Spec, agreed, job.Compared);
    private ChallengeWindow window = ChallengeWindow.Begin(job.Context.UtcNow, job.Spec.Window);
    private Task<ChallengeArrived>? challenge;

    private sealed record Check(int Line, DisputeId? Dispute, Task<CheckResult> Result);

    /// <summary>Why the answer does not count; null while it does.</summary>
    public CheckResult? Overturned { get; private set; }

    /// <summary>The answer with its last standing.</summary>
    public async Task<JobAnswer> RunAsync()
    {
        var spec = job.Spec;
        if (spec.Assurance.Kind is not (AssuranceKind.Sampled or AssuranceKind.Optimistic))
            return answer;
        DateTimeOffset? closes = spec.Assurance.HasWindow ? window.WindowEnds : null;
        answer = Agreement.With(answer, Finality.Provisional, closes);
        var drawing = await DrawAsync(closes is not null);
        if (closes is not null || drawing.Draws.Count > 0)
        {
            StartAudits(drawing);
            Report();
            await job.NotifyAsync("provisional", null);
            await CheckAsync();
        }

        return Agreement.With(answer, Overturned is null ? Finality.Final : Finality.Overturned, null, Lottery(drawing), Checked());
    }

    private Task<Drawing> DrawAsync(bool announce)
    {
        var stages = agreed.SelectMany(slot => slot.Chain.Stages.Select((s, stage) => new DrawnStage(
            slot.Chain.Chain, stage, s.Node, Reward(slot, stage), [.. slot.Result!.Opened.Receipts[stage].Receipt!.Choices.Select(c => c.Chunks)])));
        return job.Context.CallActivityAsync<Drawing>(
            DrawActivity.Name, new DrawRequest(job.Spec.Job, answer, [.. stages], announce, window.WindowEnds + job.Spec.LongestCheck), JobScope.Persistent);
    }

    private void StartAudits(Drawing drawing)
    {
        IReadOnlyList<string> hosts = [.. job.Slots.SelectMany(s => s.Chain.Stages).Select(s => s.Host).Distinct()];
        foreach (var draw in drawing.Draws)
        {
            var slot = agreed.First(s => s.Chain.Chain == draw.Chain);
            foreach (var chunks in draw.Chunks.GroupBy(c => c.Choice))
            {
                var input = new AuditInput(
                    Receipt(slot, draw.Stage, chunks.Key), Through(chunks.Max(c => c.Chunk)), drawing.Signature, draw.Exact, draw.Planted, hosts, job.Spec.Checks);
                Start(input.Instance, "audit", null, input.Receipt, job.Context.CallChildAsync<CheckResult>(AuditWorkflow.Name, input, input.Instance));
            }
        }
    }

    /// <summary>
    /// A drawn chunk and those before it: whoever repeats it has to run them anyway, as it reads their caches, so that comparing them costs nothing and a stage that cheated
    /// on one chunk is seen by every audit of a later one.
    /// </summary>
    internal static List<int> Through(int drawn)
    {
        int first = Math.Max(0, drawn + 1 - MostCompared);
        return [.. Enumerable.Range(first, drawn + 1 - first)];
    }

    private void Start(string id, string kind, DisputeId? dispute, CheckedReceipt receipt, Task<CheckResult> result)
    {
        running.Add(new Check(job.Checks.Count, dispute, result));
        job.Checks.Add(new CheckView(id, kind, receipt.Chain.Chain, receipt.Stage, receipt.Signer.Node, "running", null));
    }

    /// <summary>Waits until the window is over and nothing is open any more, or something is found.</summary>
    private async Task CheckAsync()
    {
        using var ended = new CancellationTokenSource();
        while (Overturned is null && (window.State == Finality.Provisional || running.Count > 0))
        {
            using var lost = new CancellationTokenSource();
            List<Task> waits = [.. running.Select(r => r.Result)];
            if (job.Context.UtcNow < window.WindowEnds + grace)
            {
                challenge ??= job.Context.WaitForEventAsync<ChallengeArrived>(InferenceJob.ChallengeEvent, ended.Token);
                waits.AddRange([challenge, job.Context.CreateTimerAsync(window.WindowEnds + grace, lost.Token)]);
            }

            await Task.WhenAny(waits);
            lost.Cancel();
            await TakeResultsAsync();
            await TakeChallengeAsync();
            window = window.Tick(job.Context.UtcNow - grace);
            Report();
        }

        ended.Cancel();
    }

    private async Task TakeResultsAsync()
    {
        foreach (var check in running.Where(r => r.Result.IsCompleted).ToList())
        {
            running.Remove(check);
            var found = await ResultAsync(check.Result);
            job.Checks[check.Line] = job.Checks[check.Line] with { Verdict = Word(found.Verdict), Note = found.Note };
            if (check.Dispute is { } dispute)
            {
                window = window.Resolve(dispute, Outcome(found.Verdict), job.Spec.LongestCheck, job.Context.UtcNow - grace);
                answer = Agreement.With(answer, Finality.Provisional, window.WindowEnds);
            }

            // A void challenge only leaves the window open for longer, or anybody could overturn any answer.
            if (found.Verdict == CheckVerdict.Wrong || (check.Dispute is null && found.Overturns))
                Overturned ??= found;
        }
    }

    private async Task TakeChallengeAsync()
    {
        if (challenge is not { IsCompletedSuccessfully: true })
            return;
        var heard = await challenge;
        challenge = null;
        bool known = window.Open.Contains(heard.Dispute) || window.Closed.Contains(heard.Dispute);
        if (known)
            return;
        var slot = agreed.FirstOrDefault(s => s.Chain.Session == heard.Session);
        bool accepted = heard.Problem(slot?.Chain, answer.PromptTokens, (stage, choice) => Chunks(slot!, stage, choice)) is null;
        if (accepted)
            (window, accepted) = window.Challenge(heard.Dispute, heard.At);
        if (accepted)
        {
            var input = new DisputeInput(
                Receipt(slot!, heard.Stage, heard.Choice), heard.Dispute, heard.Challenger, heard.Host, heard.Subject, heard.Claims, null, null, heard.Bond, job.Spec.Checks);
            Start(input.Instance, "dispute", heard.Dispute, input.Receipt, job.Context.CallChildAsync<CheckResult>(DisputeWorkflow.Name, input, input.Instance));
        }
        else
        {
            await job.Context.CallActivityAsync<bool>(
                ChallengeBondActivity.Name, new BondEnd(DisputeInput.HoldOf(heard.Dispute), heard.Host, heard.Bond, null, job.Context.UtcNow), JobScope.Persistent);
        }
    }

    private static int Chunks(ChainSlot slot, int stage, int choice)
    {
        var choices = slot.Result!.Opened.Receipts[stage].Receipt!.Choices;
        return (uint)choice < (uint)choices.Count ? choices[choice].Chunks : 0;
    }

    private static async Task<CheckResult> ResultAsync(Task<CheckResult> result)
    {
        try
        {
            return await result;
        }
        catch (ChildFailedException e)
        {
            return new CheckResult(CheckVerdict.Undecided, null, null, $"The check failed: {e.Failure.Message}") { Voids = true };
        }
    }

    private CheckedReceipt Receipt(ChainSlot slot, int stage, int choice) => CheckedReceipt.Of(job.Spec, slot, stage, choice, Reward(slot, stage), decided);

    private long Reward(ChainSlot slot, int stage) =>
        rewards.Stages.FirstOrDefault(r => r.Work.Chain == slot.Chain.Chain && r.Work.Stage == stage)?.Amount ?? 0;

    /// <summary>What came of the audits, in a word for whoever relies on the answer.</summary>
    private string Checked()
    {
        var audits = job.Checks.Where(c => c.Kind == "audit").Select(c => c.Verdict).Distinct().ToList();
        return audits switch
        {
            [] => "not drawn",
            _ when audits.Contains("wrong") => "wrong",
            _ when audits.Contains("undecided") => "in doubt",
            ["passed"] => "passed",
            ["not_done"] => "none available",
            _ when audits.Contains("running") => "ended early",
            _ => "partly",
        };
    }

    private void Report() => job.Report(JobPhase.Provisional, null, answer);

    private static LotteryInfo Lottery(Drawing drawing) => new(drawing.Signature, [.. drawing.Tickets.Select(t => Ticket(drawing, t))]) { ChunksPerAudit = drawing.ChunksPerAudit };

    private static LotteryStageInfo Ticket(Drawing drawing, StageTicket ticket)
    {
        var drawn = drawing.Draws.FirstOrDefault(d => d.Chain == ticket.Chain && d.Stage == ticket.Stage);
        return new(ticket.Chain, ticket.Stage, Math.Round(ticket.Rate, 6), ticket.Chunks, drawn is not null)
        {
            Drawn = drawing.ChunksPerAudit is null ? null : [.. (drawn?.Chunks ?? []).Select(c => new LotteryChunkInfo(c.Choice, c.Chunk))],
        };
    }

    private static DisputeOutcome Outcome(CheckVerdict verdict) => verdict switch
    {
        CheckVerdict.Wrong => DisputeOutcome.Overturned,
        CheckVerdict.Passed => DisputeOutcome.Upheld,
        _ => DisputeOutcome.Void,
    };

    private static string Word(CheckVerdict verdict) => verdict switch
    {
        CheckVerdict.Passed => "passed",
        CheckVerdict.Wrong => "wrong",
        CheckVerdict.Undecided => "undecided",
        _ => "not_done",
    };
}
