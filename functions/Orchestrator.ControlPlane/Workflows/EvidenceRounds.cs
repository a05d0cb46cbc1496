using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
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
}
