using System.Text;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Core.Audits;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>
/// Draws the audits of a job again from its receipts: whether the platform signed the digest of just these results, the chunks are those that stages signed for, and that signature
/// draws what was published, no more and no less. Rates are the platform's word: they follow from stake and score at that time. Pure.
/// </summary>
public static class LotteryCheck
{
    private const int MostTickets = 64 * ManifestValidator.MaxStages;
    private const long MostDrawn = 1 << 17;

    /// <summary>SHA-256 over the results, whose signature draws.</summary>
    /// <param name="results">SHA-256 of every agreed chain's signed result, in chain order.</param>
    public static Digest Receipts(IEnumerable<Digest> results) => Digest.Of(Encoding.ASCII.GetBytes(string.Join('\n', results.Select(r => r.Value))));

    /// <summary>What the platform signs.</summary>
    /// <param name="receipts">See <see cref="Receipts"/>.</param>
    public static byte[] Signed(Digest receipts) => Encoding.ASCII.GetBytes($"orchestrator-audits/1|{receipts}");

    /// <summary>Checks. Never throws on hostile input.</summary>
    /// <param name="document">A job's receipts.</param>
    /// <param name="platform">The platform's public key as the caller knows it, lower-case hex; null to take the document's word for it.</param>
    public static IReadOnlyList<ReceiptFinding> Findings(ReceiptsDocument document, string? platform = null)
    {
        if (document.Lottery is not { } lottery)
            return [new("lottery", FindingOutcome.Unknown, null, "The document says nothing of a lottery: none was held, or its audits had not ended.")];
        if (Malformed(lottery) is { } malformed)
            return [Broken(null, malformed)];
        byte[] key = Convert.FromHexString(lottery.PlatformKey), signature = Convert.FromHexString(lottery.Signature);
        var receipts = Receipts(document.Results.Select(r => Digest.Of(JsonSerializer.SerializeToUtf8Bytes(r, ContractsJson.Default.SignedMessage))));
        if (platform is not null && platform != lottery.PlatformKey)
            return [Broken(null, $"It was drawn with key {lottery.PlatformKey}, which is not the platform's.")];
        if (!SigningKey.Verifies(key, Signed(receipts), signature))
            return [Broken(null, "The signature that drew is not over these results, or not of the platform's key.")];
        var wrong = Miscounted(document, lottery).Concat(Misdrawn(lottery, signature)).ToList();
        int drawn = lottery.Stages.Count(s => s.Drawn.Count > 0);
        return wrong.Count > 0
            ? wrong
            : [new("lottery", FindingOutcome.Holds, null, $"Key {lottery.PlatformKey[..16]} drew {drawn} of {lottery.Stages.Count} stages, and just these chunks, at the rates it states.")];
    }

    private static string? Malformed(LotteryRecord lottery) =>
        lottery.PlatformKey is not { Length: 64 } || lottery.Signature is not { Length: 2 * AuditLottery.SignatureSize } || !IsHex(lottery.PlatformKey) || !IsHex(lottery.Signature) ? "Key or signature is not one."
        : lottery.ChunksPerAudit is < 1 or > ushort.MaxValue || lottery.Stages.Count > MostTickets ? "It has too many stages or chunks."
        : lottery.Stages.Any(s => s is null || s.Chunks.Count > Assignment.MaxChoices || s.Chunks.Any(c => c < 0) || s.Rate is not (>= 0 and <= 1) || s.Drawn.Any(d => d is null)) ? "A stage of it has no such rate or chunks."
        : lottery.Stages.Sum(s => Math.Min(lottery.ChunksPerAudit, s.Chunks.Sum(c => (long)c))) > MostDrawn ? "It draws more chunks than can be drawn again."
        : null;

    /// <summary>Every stage of every chain takes part once, with the chunks that its receipt has.</summary>
    private static IEnumerable<ReceiptFinding> Miscounted(ReceiptsDocument document, LotteryRecord lottery)
    {
        var tickets = lottery.Stages.ToLookup(s => (s.Chain, s.Stage));
        int signed = 0;
        foreach (var message in document.Results)
        {
            if (!MessageSigning.TryOpen(message, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out _))
                continue;
            for (int stage = 0; stage < result.Receipts.Count; stage++, signed++)
            {
                if (!MessageSigning.TryOpen(result.Receipts[stage], MessageTypes.Receipt, ContractsJson.Default.Receipt, out var receipt, out _) || receipt.Choices.Any(c => c is null))
                    yield return Broken(stage, $"The receipt of stage {stage} of chain {result.Chain} cannot be read.");
                else if (tickets[(result.Chain, stage)].ToList() is not [var ticket] || !ticket.Chunks.SequenceEqual(receipt.Choices.Select(c => c.Chunks)))
                    yield return Broken(stage, $"Stage {stage} of chain {result.Chain} took no part in it with the chunks that it signed.");
            }
        }

        if (signed != lottery.Stages.Count)
            yield return Broken(null, $"{lottery.Stages.Count} stages took part in it, and {signed} signed receipts.");
    }

    private static IEnumerable<ReceiptFinding> Misdrawn(LotteryRecord lottery, byte[] signature)
    {
        var policy = AuditPolicy.Default with { ChunksPerAudit = lottery.ChunksPerAudit };
        var draws = AuditLottery.Draw(signature, [.. lottery.Stages.Select(s => new StageTicket(s.Chain, s.Stage, s.Rate, s.Chunks))], policy).ToLookup(d => (d.Chain, d.Stage), d => d.Chunks);
        foreach (var stage in lottery.Stages)
        {
            string right = Words(draws[(stage.Chain, stage.Stage)].FirstOrDefault()?.Select(c => new DrawnPlace(c.Choice, c.Chunk)) ?? []), told = Words(stage.Drawn);
            if (right != told)
                yield return Broken(stage.Stage, $"Of stage {stage.Stage} of chain {stage.Chain} the signature draws {right}; the platform says {told}.");
        }
    }

    private static string Words(IEnumerable<DrawnPlace> chunks) => string.Join(", ", chunks.Select(c => $"chunk {c.Chunk} of choice {c.Choice}")) is { Length: > 0 } words ? words : "nothing";

    private static bool IsHex(string text) => text.All(char.IsAsciiHexDigitLower);

    private static ReceiptFinding Broken(int? stage, string message) => new("lottery", FindingOutcome.Broken, stage, message);
}
