using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.Core.Availability;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Workflows;

/// <summary>Asks a node for evidence until it serves it or its time is over.</summary>
internal sealed class EvidenceRounds(IWorkflowContext context, TimeSpan patience)
{
    private static readonly RetryPolicy Rounds = new(10_000, TimeSpan.FromMilliseconds(250)) { MaxDelay = TimeSpan.FromSeconds(5) };

    /// <summary>The evidence, fitting its receipt; null when it did not come in time.</summary>
    public async Task<EvidenceFound?> TryAsync(CheckedReceipt receipt, EvidenceKind kind)
    {
        try
        {
            return await context.CallActivityAsync<EvidenceFound>(FetchEvidenceActivity.Name, new EvidenceOrder(receipt, kind), Rounds with { Timeout = patience });
        }
        catch (ActivityFailedException)
        {
            return null;
        }
    }

    /// <summary>The evidence, demanded in public if it does not come otherwise; or what is to be made of it that it did not come then either.</summary>
    public async Task<(EvidenceFound? Found, CheckResult? Missing)> DemandAsync(CheckedReceipt receipt, EvidenceKind kind, CheckRules rules, string? reporter = null)
    {
        if (await TryAsync(receipt, kind) is { } served)
            return (served, null);
        var node = receipt.Signer.Node;
        var demand = new DemandInput(receipt, kind, context.InstanceId, reporter, rules);
        await context.CallActivityAsync<bool>(
            ObserveActivity.Name, new ObserveRequest([new NodeObservations(node, [new Observation($"withheld:{demand.Demand}", ObservationKind.Absent, context.UtcNow)])]), JobScope.Persistent);
        var result = await context.CallChildAsync<DemandResult>(DemandWorkflow.Name, demand, demand.Instance);
        return result.Outcome switch
        {
            DemandOutcome.Answered => (result.Found, null),
            DemandOutcome.Withheld => (null, new CheckResult(CheckVerdict.Wrong, node, FaultKind.Withholding, result.Note)),
            _ => (null, new CheckResult(CheckVerdict.Undecided, null, null, result.Note) { Voids = true }),
        };
    }
}
