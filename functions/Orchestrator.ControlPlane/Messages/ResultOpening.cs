using Orchestrator.Contracts;
using Orchestrator.Core.Reconciliation;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Messages;

/// <summary>Opens the receipts of a chain's result and computes what its tokens commit to.</summary>
public static class ResultOpening
{
    /// <summary>Opens.</summary>
    /// <param name="result">A result whose signature was checked.</param>
    /// <param name="signer">Who signed it.</param>
    /// <param name="prompt">The prompt's tokens; null when they are not known.</param>
    public static OpenedResult Open(ChainResult result, NodeId signer, IReadOnlyList<int>? prompt) => new(
        signer,
        result with { Receipts = [] },
        [.. result.Receipts.Select(Open)],
        [.. result.Choices.Select(c => new TokenRoots(
            prompt is { Count: > 0 } ? TokenCommitments.Input(prompt, c.Tokens) : null,
            TokenCommitments.Draws(result.PromptTokens, c.Tokens)))]);

    private static OpenedReceipt Open(SignedMessage message)
    {
        var payload = Digest.Of(message.Payload);
        return MessageSigning.TryOpen(message, MessageTypes.Receipt, ContractsJson.Default.Receipt, out var receipt, out string? error)
            ? new OpenedReceipt(MessageSigning.Signer(message), receipt, null, payload)
            : new OpenedReceipt(NodeId.FromPublicKey(message.Key ?? []), null, error, payload);
    }
}
