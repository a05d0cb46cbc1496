using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.Core.Availability;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>
/// Demands in public what a node did not serve; instance id = demand id.
/// <code>
/// again and again: the demand is sent to the node, the platform asks once more, and drawn witnesses on other hosts ask for themselves
///   the file comes, from anybody               -> answered, at once
///   a quorum saw nothing fit of a node that they or the platform reach, often enough and for long enough -> slashed for withholding, by the receipt, the demand and the reports
///   too few could say anything                 -> open: nobody is slashed
///   the platform could not hear from the node, or it had not shown that it can answer -> open, and it gets no checked work until its duty ends
/// </code>
/// What it means is decided by <see cref="AvailabilityDemand"/>.
/// </summary>
public sealed class DemandWorkflow : IWorkflow<DemandInput, DemandResult>
{
    /// <summary>Registered name.</summary>
    public const string Name = "demand";

    /// <summary>Event with an <see cref="EvidenceFound"/>: the file came, and fits.</summary>
    public const string AnswerEvent = "answer";

    /// <inheritdoc />
    public async Task<DemandResult> RunAsync(IWorkflowContext context, DemandInput input)
    {
        var receipt = input.Receipt;
        var state = AvailabilityDemand.Open(receipt.Signer.Host, input.Rules.Availability, context.UtcNow, receipt.KeptUntil);
        using var over = new CancellationTokenSource();
        var answer = context.WaitForEventAsync<EvidenceFound>(AnswerEvent, over.Token);
        HashSet<NodeId> witnesses = [];
        HashSet<Digest> proof = [receipt.Evidence];
        EvidenceFound? found = null;
        Digest? demanded = null;
        while (state.Outcome is null)
        {
            var next = context.UtcNow + state.Rules.Interval;
            var sent = await context.CallActivityAsync<DemandSent?>(SendDemandActivity.Name, new DemandToSend(input, state.AnswerUntil), JobScope.Persistent);
            if (sent is null)
                return new DemandResult(DemandOutcome.Open, null, "The platform has no public address for answers to demands: set ControlPlane:PublicUrl.");
            var picks = await context.CallActivityAsync<IReadOnlyList<WitnessPick>>(
                PickWitnessesActivity.Name, new WitnessOrder(input, state.Asked, sent.Signature), JobScope.Persistent);
            proof.Add(sent.Evidence);
            demanded = sent.Evidence;
            witnesses.UnionWith(picks.Select(p => p.Node));
            context.SetCustomStatus(new DemandStatus(state, [.. witnesses], demanded));

            int asked = state.Asked;
            var look = LookAsync(context, input);
            var round = Task.WhenAll(picks.Select((pick, place) => AskAsync(context, input, asked, pick, place, sent.AnswerTo)));
            await Task.WhenAny((Task)look, answer);
            if (!answer.IsCompleted && (found = await look) is null)
                await Task.WhenAny(round, answer);
            if (answer.IsCompleted || found is not null)
                break;
            var said = await round;
            proof.UnionWith(said.Select(s => s.Evidence).OfType<Digest>());
            var hearing = await context.CallActivityAsync<NodeHearing>(HearNodeActivity.Name, new NodeToHear(receipt.Signer.Node), JobScope.Persistent);
            state = state.Round([.. said.Select(s => s.Statement).OfType<WitnessStatement>()], hearing).Close(context.UtcNow);
            context.SetCustomStatus(new DemandStatus(state, [.. witnesses], demanded));
            if (state.Outcome is not null)
                break;
            using var lost = new CancellationTokenSource();
            await Task.WhenAny(context.CreateTimerAsync(next, lost.Token), answer);
            lost.Cancel();
            if (answer.IsCompleted)
                break;
            state = state.Close(context.UtcNow);
        }

        if (answer.IsCompletedSuccessfully)
            found = await answer;
        over.Cancel();
        if (found is not null)
            state = state.Answer();
        context.SetCustomStatus(new DemandStatus(state, [.. witnesses], demanded));
        return await EndAsync(context, input, state, found, [.. proof]);
    }

    private static async Task<DemandResult> EndAsync(IWorkflowContext context, DemandInput input, AvailabilityDemand state, EvidenceFound? found, IReadOnlyList<Digest> proof)
    {
        var receipt = input.Receipt;
        if (state.Outcome == DemandOutcome.Answered)
            return new DemandResult(DemandOutcome.Answered, found, "The demanded evidence came.");
        if (state.Outcome == DemandOutcome.Open)
        {
            if (state.Excused == 0)
                return new DemandResult(DemandOutcome.Open, null, $"Stage {receipt.Stage} did not serve the evidence of its receipt, and too few witnesses could say so.");
            await context.CallActivityAsync<bool>(OweActivity.Name, new Owing(receipt.Signer.Node, input.Demand, receipt.KeptUntil), JobScope.Persistent);
            return new DemandResult(DemandOutcome.Open, null,
                $"Stage {receipt.Stage} did not serve the evidence of its receipt, but in {state.Excused} rounds the platform did not hear from the node, or it had not shown that it reaches the door for answers.");
        }

        string note = $"Stage {receipt.Stage} did not serve the evidence of its receipt: not to the platform, not to witnesses in {state.Counted} rounds, and not in answer to a public demand.";
        await context.CallActivityAsync<SlashAnswer>(
            SlashActivity.Name,
            new SlashRequest(receipt.Signer.Node, new ProvenFault(
                new Slash(DisputeGame.ReceiptEvidence(receipt.Chain.Session, receipt.Stage), FaultKind.Withholding, receipt.At, input.Reporter, note),
                proof,
                input.Demand.Value,
                receipt.Job.Value)),
            JobScope.Persistent);
        return new DemandResult(DemandOutcome.Withheld, null, note);
    }

    /// <summary>The platform's own look, once a round.</summary>
    private static async Task<EvidenceFound?> LookAsync(IWorkflowContext context, DemandInput input)
    {
        try
        {
            return await context.CallActivityAsync<EvidenceFound>(FetchEvidenceActivity.Name, new EvidenceOrder(input.Receipt, input.Kind));
        }
        catch (ActivityFailedException)
        {
            return null;
        }
    }

    private static async Task<(WitnessStatement? Statement, Digest? Evidence)> AskAsync(
        IWorkflowContext context, DemandInput input, int round, WitnessPick pick, int place, Uri answerTo)
    {
        var patience = input.Rules.ReportPatience;
        var task = new WitnessToSend(input, round, pick.Node, place, answerTo, context.UtcNow + patience);
        var run = await context.CallChildAsync<WitnessRunResult>(WitnessRun.Name, new WitnessRunInput(task, patience), WitnessRun.InstanceOf(input.Demand, round, pick.Node));
        return (run.Saw is { } saw ? new WitnessStatement(pick.Node, pick.Host, saw) : null, run.Evidence);
    }
}
