using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>
/// Finds stages that signed two receipts of one session which cannot both be true. A session may be run again after a crash, and whoever drives the chain decides what a stage
/// receives, so that two receipts alone prove nothing; but within one class the same inputs in the same passes make the same outputs and draws. Pure.
/// </summary>
public static class ReceiptContradiction
{
    /// <summary>The stages with their signers, by two results of one session.</summary>
    public static IReadOnlyList<(int Stage, NodeId Node)> Find(ChainResult first, ChainResult second)
    {
        var before = Open(first).ToLookup(r => (r.Stage, r.Node));
        return [.. Open(second).Where(again => before[(again.Stage, again.Node)].Any(receipt => Contradict(receipt, again))).Select(r => (r.Stage, r.Node)).Distinct()];
    }

    private static bool Contradict(Receipt a, Receipt b) =>
        a.Job == b.Job && a.Session == b.Session && a.Manifest == b.Manifest && a.Layers == b.Layers && a.Shard == b.Shard && a.Class == b.Class
        && a.Choices.Count == b.Choices.Count && a.Choices.Zip(b.Choices).Any(c => Contradict(c.First, c.Second));

    private static bool Contradict(ChoiceCommitment a, ChoiceCommitment b) =>
        a.Tokens == b.Tokens && a.Chunks == b.Chunks && a.Input == b.Input && (a.Output != b.Output || a.Fingerprints != b.Fingerprints || a.Draws != b.Draws);

    private static IEnumerable<Receipt> Open(ChainResult result)
    {
        foreach (var message in result.Receipts)
        {
            if (MessageSigning.TryOpen(message, MessageTypes.Receipt, ContractsJson.Default.Receipt, out var receipt, out _)
                && receipt.SchemaVersion == Receipt.CurrentSchema && receipt.Session == result.Session && MessageSigning.Signer(message) == receipt.Node)
                yield return receipt;
        }
    }
}
