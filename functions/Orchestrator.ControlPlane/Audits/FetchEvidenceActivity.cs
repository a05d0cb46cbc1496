using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Availability;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>
/// Gets what a node keeps of a receipt, checks it against the roots that the node signed, and puts it into the blob store. Fails when the node does not serve
/// it or serves something else; the workflow repeats that for as long as its rules say.
/// </summary>
public sealed class FetchEvidenceActivity(NodeClient nodes, EvidenceIntake intake, TimeProvider time) : IActivity<EvidenceOrder, EvidenceFound>
{
    /// <summary>Registered name.</summary>
    public const string Name = "fetch-evidence";

    private static readonly TimeSpan Life = TimeSpan.FromMinutes(2);
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <inheritdoc />
    public async Task<EvidenceFound> RunAsync(ActivityContext context, EvidenceOrder input)
    {
        var (receipt, kind) = (input.Receipt, input.Kind);
        var request = new EvidenceRequest(
            EvidenceRequest.CurrentSchema, receipt.Signer.Node, receipt.Chain.Session, receipt.Stage, receipt.Choice, kind, time.GetUtcNow() + Life);
        using var response = await nodes.AskAsync(
            request.Node, "evidence", MessageTypes.EvidenceRequest, request, ContractsJson.Default.EvidenceRequest, Patience, context.CancellationToken);
        await using var body = await response.Content.ReadAsStreamAsync(context.CancellationToken);
        return await intake.TakeAsync(body, receipt, kind, context.CancellationToken);
    }
}

/// <summary>Evidence to get.</summary>
public sealed record EvidenceOrder(CheckedReceipt Receipt, EvidenceKind Kind);

/// <summary>Evidence that fits its receipt.</summary>
/// <param name="Blob">Where it is.</param>
/// <param name="Bytes">Its size.</param>
/// <param name="Outputs">Output hash of every chunk; empty for inputs.</param>
public sealed record EvidenceFound(Digest Blob, long Bytes, IReadOnlyList<Digest> Outputs);
