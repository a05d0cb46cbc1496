using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>
/// Tells an edge that signed two answers of its own from one that ran a session again after a crash and was told other tokens by the last stage. The latter has a receipt of
/// the last stage for each answer, and it fits; then the two signatures prove nothing against the edge. Pure.
/// </summary>
public static class Equivocation
{
    /// <summary>Whether two answers to one assignment, with different tokens and both signed by the edge, can only be the edge's own doing.</summary>
    public static bool Proves(ChainResult first, ChainResult second) => !WasTold(first) || !WasTold(second) || Last(first) == Last(second);

    private static Digest Last(ChainResult result) => Digest.Of(result.Receipts[^1].Payload);

    private static bool WasTold(ChainResult result)
    {
        if (result.Receipts is not [.., { } last] || !MessageSigning.TryOpen(last, MessageTypes.Receipt, ContractsJson.Default.Receipt, out var receipt, out _)
            || receipt.Session != result.Session || receipt.Choices.Count != result.Choices.Count)
            return false;
        return result.Choices.Zip(receipt.Choices).All(c => c.Second is { Draws: { } drew } && drew == TokenCommitments.Draws(result.PromptTokens, c.First.Tokens));
    }
}
