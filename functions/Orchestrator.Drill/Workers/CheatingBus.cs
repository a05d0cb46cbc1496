using Orchestrator.Contracts;
using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Network;
using Orchestrator.Verification;
using Orchestrator.Worker.Platform;

namespace Orchestrator.Drill.Workers;

/// <summary>Cheats that are done in what a node says to the platform.</summary>
/// <param name="inner">The way to the platform.</param>
/// <param name="order">What to do.</param>
/// <param name="key">The node's key.</param>
/// <param name="evidence">Folder of the node's evidence.</param>
/// <param name="heard">What others claim.</param>
public sealed class CheatingBus(IPlatformBus inner, CheatOrder order, SigningKey key, string evidence, HeardClaims heard) : IPlatformBus
{
    /// <inheritdoc />
    public async Task PublishAsync(string topic, SignedMessage message, CancellationToken cancel)
    {
        string? cheat = order.Cheat;
        if (cheat == CheatOrder.WithheldData && message.Type == MessageTypes.ChainResult)
            ThrowAway();
        if (cheat == CheatOrder.Equivocation && Swapped(message) is { } second)
        {
            await inner.PublishAsync(topic, message, cancel);
            await inner.PublishAsync(topic, second, cancel);
            return;
        }

        await inner.PublishAsync(topic, Instead(cheat, message) ?? message, cancel);
    }

    private SignedMessage? Instead(string? cheat, SignedMessage message) => cheat switch
    {
        CheatOrder.SwappedToken => Swapped(message),
        CheatOrder.LazyAuditor => Confirmed(message),
        _ => null,
    };

    private void ThrowAway()
    {
        foreach (string ended in Directory.EnumerateDirectories(evidence))
            Directory.Delete(ended, recursive: true);
    }

    /// <summary>A report that says what the audited node claims; null when the message is no report, or nobody told the claims.</summary>
    private SignedMessage? Confirmed(SignedMessage message)
    {
        if (!MessageSigning.TryOpen(message, MessageTypes.AuditReport, ContractsJson.Default.AuditReport, out var report, out _) || report.Failure is not null || heard.Of(report.Audit) is not { } claims)
            return null;
        var chunks = Confirmation.Of(report.Mode, [.. report.Chunks.Select(c => c.Chunk)], claims);
        return MessageSigning.Seal(MessageTypes.AuditReport, report with { Chunks = chunks, Gaps = [] }, ContractsJson.Default.AuditReport, key);
    }

    /// <summary>The same answer with another first token; null when the message is no answer.</summary>
    private SignedMessage? Swapped(SignedMessage message)
    {
        if (!MessageSigning.TryOpen(message, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out _) || result.Failure is not null)
            return null;
        var choice = result.Choices[0];
        int[] tokens = [choice.Tokens[0] == 'X' ? 'Y' : 'X', .. choice.Tokens.Skip(1)];
        var swapped = choice with { Tokens = tokens, Text = ChainRun.TextOf(tokens, TokenizerFactory.Create(TokenizerSpec.ByteDefault)) };
        return MessageSigning.Seal(MessageTypes.ChainResult, result with { Choices = [swapped, .. result.Choices.Skip(1)] }, ContractsJson.Default.ChainResult, key);
    }
}
