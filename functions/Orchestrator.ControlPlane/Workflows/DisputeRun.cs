using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Disputes;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>One execution of <see cref="DisputeWorkflow"/>.</summary>
internal sealed class DisputeRun(IWorkflowContext context, DisputeInput input, ControlPlaneMetrics metrics)
{
    private static readonly RetryPolicy Rounds = new(10_000, TimeSpan.FromMilliseconds(250)) { MaxDelay = TimeSpan.FromSeconds(5) };

    private readonly Dictionary<Digest, long> sizes = [];
    private readonly List<Digest> proof = [input.Receipt.Evidence];
    private DisputeGame game = null!;
    private IReadOnlyList<Digest>? leaves = input.Leaves;
    private EvidenceFound? inputs = input.Inputs;
    private int rounds;

    private CheckedReceipt Receipt => input.Receipt;

    public async Task<CheckResult> RunAsync()
    {
        CheckResult? missing = null;
        if (leaves is null)
        {
            // Nobody else is asked anything yet that could show that it was not the platform that was away: witnesses do. The game's clock runs from when the evidence is there.
            (var found, missing) = await DemandAsync(EvidenceKind.Chunks);
            leaves = found?.Outputs;
        }

        // The challenger runs them: a defender who kept them back would else get rid of every challenge, and one who is late with them would win it.
        if (missing is null && inputs is null && context.Version != DisputeWorkflow.First)
            (inputs, missing) = await DemandAsync(EvidenceKind.Inputs);

        game = DisputeGame.Open(input.Opening(), input.Rules.Disputes, context.UtcNow);
        if (missing is not null)
            game = game.Miss(missing.Verdict == CheckVerdict.Wrong, context.UtcNow);
        while (!game.Over)
        {
            context.SetCustomStatus(DisputeStatus.Of(game, rounds));
            int before = game.Attempt;
            var phase = game.Phase;
            await StepAsync();
            // Whoever was asked has had all the time there was for this phase.
            if (!game.Over && game.Phase == phase && game.Attempt == before && phase is not DisputePhase.States)
                await ExpireAsync();
            else
                game = game.Tick(context.UtcNow);
        }

        var verdict = game.Verdict!;
        context.SetCustomStatus(DisputeStatus.Of(game, rounds));
        if (!context.IsReplaying)
            metrics.Disputed(verdict);
        await SettleAsync(verdict);
        return new CheckResult(
            verdict.Outcome switch
            {
                DisputeOutcome.Overturned => CheckVerdict.Wrong,
                DisputeOutcome.Upheld => CheckVerdict.Passed,
                _ => CheckVerdict.Undecided,
            },
            verdict.Loser,
            verdict.Fault,
            verdict.Reason);
    }

    private Task<(EvidenceFound? Found, CheckResult? Missing)> DemandAsync(EvidenceKind kind) =>
        new EvidenceRounds(context, input.Rules.EvidencePatience).DemandAsync(Receipt, kind, input.Rules, input.Accuses ? input.Host : null);

    private Task StepAsync() => game.Phase switch
    {
        DisputePhase.Leaves => LeavesAsync(),
        DisputePhase.Sizes => StatesAsync([]),
        DisputePhase.States => StatesAsync([.. game.Asked]),
        DisputePhase.Leaf => LeafAsync(),
        DisputePhase.Evidence => EvidenceAsync(),
        _ => RefereeAsync(),
    };

    private async Task LeavesAsync()
    {
        game = game.Commit(Receipt.Stage, leaves!, context.UtcNow).Game;
        // The challenger replays from what the defender received; the defender has it itself.
        if (!game.Over && inputs is null)
            inputs = await TryAsync<EvidenceFound>(FetchEvidenceActivity.Name, new EvidenceOrder(Receipt, EvidenceKind.Inputs));
    }

    private async Task StatesAsync(IReadOnlyList<long> steps)
    {
        rounds += steps.Count > 0 ? 1 : 0;
        var answers = await BothAsync(party => TryAsync<TraceStates>(AskStatesActivity.Name, Query(party, TraceQuestion.States, steps)));
        foreach (var (party, answer) in answers)
        {
            if (answer is not null)
                game = game.Answer(party, answer, context.UtcNow).Game;
        }

        if (!game.Over && answers.Any(a => a.Answer is null))
            await ExpireAsync();
    }

    private async Task LeafAsync()
    {
        long step = game.Step!.Value;
        var answers = await BothAsync(party => TryAsync<TraceLeaf>(OpenLeafActivity.Name, Query(party, TraceQuestion.Leaf, [step])));
        var before = game.Agreed;
        foreach (var (party, answer) in answers)
        {
            if (answer is null)
                continue;
            var after = (party == Party.Challenger ? game.Challenger : game.Defender).States[step + 1];
            game = game.Open(party, step, TraceHash.Leaf(answer.Outputs), TraceCheck.Fits(answer, before, after), context.UtcNow).Game;
        }
    }

    private async Task EvidenceAsync()
    {
        if (IsReceived && inputs is { } received)
        {
            Supply(Party.Defender, received);
            return;
        }

        var question = game.Step is null ? TraceQuestion.ChunkOutputs : TraceQuestion.StepInputs;
        IReadOnlyList<long> steps = game.Step is { } step ? [step] : [];
        // Either one's is enough: the defender is asked alone first, as the challenger may have no trace yet.
        foreach (var party in game.Awaited)
        {
            if (game.Phase == DisputePhase.Evidence && await TryAsync<EvidenceFound>(FetchTraceActivity.Name, Query(party, question, steps), share: 2) is { } found)
                Supply(party, found);
        }
    }

    private void Supply(Party party, EvidenceFound found)
    {
        sizes[found.Blob] = found.Bytes;
        game = game.Supply(party, found.Blob, context.UtcNow).Game;
    }

    private async Task RefereeAsync()
    {
        var question = game.AskedOfReferee!.Value;
        if (input.Rules.Referees.Count == 0)
        {
            game = game.Judge(game.Attempt, question, RefereeOutcome.CannotJudge, 0, "No referee is configured.", context.UtcNow).Game;
            return;
        }

        var task = RefereeTasks.Of(input, game, question, inputs, sizes);
        if (!await TrySendAsync(task))
            return;
        while (true)
        {
            var left = game.Deadline - context.UtcNow;
            if (left <= TimeSpan.Zero || await TryTakeAsync(left) is not { } arrived)
                return;
            if (arrived.Verdict.Node != task.Node || DisputeChecks.Problem(arrived.Verdict, task) is not null)
                continue;
            proof.Add(arrived.Evidence);
            game = game.Judge(task.Attempt, question, arrived.Verdict.Outcome, arrived.Verdict.StepsPerPass, arrived.Verdict.Reason, context.UtcNow).Game;
            return;
        }
    }

    /// <summary>Slashes whom the verdict proves guilty, once per evidence, and ends the challenger's bond.</summary>
    private async Task SettleAsync(DisputeVerdict verdict)
    {
        bool accused = verdict.Fault != FaultKind.FalseAccusation || input.Accuses;
        if (accused && verdict is { Fault: { } fault, Loser: { } loser, EvidenceId: { } id })
        {
            await context.CallActivityAsync<SlashAnswer>(
                SlashActivity.Name,
                new SlashRequest(loser, new ProvenFault(
                    new Slash(id, fault, Receipt.At, verdict.ChallengerRewarded ? input.Host : null, verdict.Reason), [.. proof], input.Dispute.Value, Receipt.Job.Value)),
                JobScope.Persistent);
        }

        if (input.Bond > 0)
        {
            await context.CallActivityAsync<bool>(
                ChallengeBondActivity.Name,
                new BondEnd(input.BondHold, input.Host, input.Bond, verdict.BondForfeited ? Receipt.Signer.Host : null, context.UtcNow),
                JobScope.Persistent);
        }
    }

    /// <summary>The disputed step only takes in what was received: it can be checked against the input file alone.</summary>
    private bool IsReceived => game.Step is { } step && game.Defender.StepsPerPass is { } each && step % each == 0;

    private TraceQuery Query(Party party, TraceQuestion question, IReadOnlyList<long> steps)
    {
        bool defends = party == Party.Defender;
        return new TraceQuery(
            TraceQuery.CurrentSchema,
            defends ? Receipt.Signer.Node : input.Challenger,
            input.Dispute,
            Receipt.Chain.Session,
            Receipt.Manifest,
            Receipt.Stage,
            Receipt.Choice,
            Receipt.PromptTokens,
            Receipt.Committed.Tokens,
            game.Chunk!.Chunk,
            defends ? null : inputs?.Blob,
            defends ? 0 : inputs?.Bytes ?? 0,
            question,
            steps,
            game.Deadline);
    }

    private async Task<IReadOnlyList<(Party Party, T? Answer)>> BothAsync<T>(Func<Party, Task<T?>> ask)
        where T : class
    {
        var asked = game.Awaited.Select(party => (Party: party, Answer: ask(party))).ToList();
        await Task.WhenAll(asked.Select(a => a.Answer));
        List<(Party, T?)> answers = [];
        foreach (var (party, answer) in asked)
            answers.Add((party, await answer));
        return answers;
    }

    /// <summary>Asks again and again until the phase's deadline, or a part of the time to it; null when nothing came.</summary>
    private async Task<T?> TryAsync<T>(string activity, object question, int share = 1)
        where T : class
    {
        var left = (game.Deadline - context.UtcNow) / share;
        try
        {
            return left <= TimeSpan.Zero ? null : await context.CallActivityAsync<T>(activity, question, Rounds with { Timeout = left });
        }
        catch (ActivityFailedException)
        {
            return null;
        }
    }

    private async Task<bool> TrySendAsync(RefereeTask task)
    {
        try
        {
            return await context.CallActivityAsync<bool>(SendRefereeActivity.Name, task, Rounds with { Timeout = game.Deadline - context.UtcNow });
        }
        catch (ActivityFailedException)
        {
            return false;
        }
    }

    private async Task<VerdictArrived?> TryTakeAsync(TimeSpan left)
    {
        try
        {
            return await context.WaitForEventAsync<VerdictArrived>(DisputeWorkflow.VerdictEvent, left);
        }
        catch (TimeoutException)
        {
            return null;
        }
    }

    private async Task ExpireAsync()
    {
        if (context.UtcNow < game.Deadline)
            await context.CreateTimerAsync(game.Deadline);
        game = game.Tick(context.UtcNow);
    }
}
