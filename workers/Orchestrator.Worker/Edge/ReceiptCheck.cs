using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Edge;

/// <summary>Whether the receipts a chain closed with are those of its stages.</summary>
public static class ReceiptCheck
{
    /// <summary>The first thing that is wrong; null when every stage signed for its own part.</summary>
    public static ChainFailure? Problem(IReadOnlyList<SignedMessage> receipts, Assignment assignment)
    {
        if (receipts.Count != assignment.Hops.Count)
            return new ChainFailure(FailureCodes.Internal, $"The chain closed with {receipts.Count} receipts for {assignment.Hops.Count} stages.", assignment.Hops.Count - 1);
        for (int stage = 0; stage < receipts.Count; stage++)
        {
            if (!MessageSigning.TryOpen(receipts[stage], MessageTypes.Receipt, ContractsJson.Default.Receipt, out var receipt, out string? error))
                return Bad(stage, error!);
            var hop = assignment.Hops[stage];
            if (MessageSigning.Signer(receipts[stage]) != hop.Node || receipt.Node != hop.Node)
                return Bad(stage, "another node signed it");
            if (receipt.Job != assignment.Job || receipt.Session != assignment.Session || receipt.Manifest != assignment.Manifest || receipt.Stage != stage
                || receipt.SchemaVersion != Receipt.CurrentSchema)
                return Bad(stage, "it is for other work");
            if (receipt.Previous != (stage == 0 ? null : Digest.Of(receipts[stage - 1].Payload)))
                return Bad(stage, "it does not follow the receipt of the stage before");
            if (receipt.Choices.Count != assignment.Choices)
                return Bad(stage, "it does not cover every choice");
        }

        return null;
    }

    private static ChainFailure Bad(int stage, string reason) => new(FailureCodes.Internal, $"The receipt of stage {stage} is not valid: {reason}.", stage);
}
