using System.Text.Json;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>
/// Checks a job's receipts with nothing but the document: signatures, that every receipt is of its stage of the model and names the one before, that counts
/// follow from the tokens, that both ends of every link signed the same root, and that prompt and answer are what stage 0 ran and the last stage drew.
/// It says who signed what, not that it was computed rightly: that takes an audit. Pure.
/// </summary>
public static class ReceiptVerifier
{
    private const int MaxResults = 64;

    /// <summary>Checks a document. Never throws on hostile input.</summary>
    /// <param name="document">The document.</param>
    /// <param name="prompt">What was asked, when the document does not say; null leaves the edge's input unknown.</param>
    public static ReceiptsReport Verify(ReceiptsDocument document, Prompt? prompt = null)
    {
        if (document.SchemaVersion != ReceiptsDocument.CurrentSchema)
            return Unreadable($"The document has schema {document.SchemaVersion}; this build reads {ReceiptsDocument.CurrentSchema}.");
        if (document.Results.Count is 0 or > MaxResults)
            return Unreadable($"The document has {document.Results.Count} results; 1 to {MaxResults} can be checked.");
        if (!TryReadManifest(document.Manifest, out var manifest, out string? error))
            return Unreadable($"The manifest cannot be read: {error}.");
        var (tokens, unknown) = Tokenize(manifest, prompt ?? document.Prompt);
        var digest = Digest.Of(document.Manifest);
        ChainReceipts[] chains = [.. document.Results.Select(r => Verify(document.Job, r, manifest, digest, tokens, unknown))];
        return new ReceiptsReport(chains.All(c => c.Findings.All(f => f.Outcome != FindingOutcome.Broken)), null, chains);
    }

    private static ReceiptsReport Unreadable(string problem) => new(false, problem, []);

    private static bool TryReadManifest(byte[] bytes, out ModelManifest manifest, out string? error)
    {
        manifest = null!;
        try
        {
            manifest = JsonSerializer.Deserialize(bytes, ContractsJson.Default.ModelManifest)!;
            error = manifest is null ? "it is null" : ManifestValidator.Validate(manifest) is [var first, ..] ? first : null;
        }
        catch (JsonException e)
        {
            error = e.Message;
        }

        return error is null;
    }

    private static (int[]? Tokens, string Unknown) Tokenize(ModelManifest manifest, Prompt? prompt)
    {
        if (prompt is null)
            return (null, "the prompt is not given");
        try
        {
            return TokenizerFactory.Create(manifest.Tokenizer).Encode(prompt) is { Length: > 0 } tokens ? (tokens, "") : (null, "the prompt has no tokens");
        }
        catch (Exception e) when (e is ArgumentException or NotSupportedException)
        {
            return (null, $"the prompt cannot be tokenized: {e.Message}");
        }
    }

    private static ChainReceipts Verify(JobId job, SignedMessage? message, ModelManifest manifest, Digest digest, int[]? prompt, string unknown)
    {
        if (!MessageSigning.TryOpen(message, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out string? error))
            return new ChainReceipts(-1, null, [Broken("result", 0, $"The result cannot be read: {error}.")]);
        var edge = MessageSigning.Signer(message!);
        List<ReceiptFinding> findings = [ResultFinding(job, result, edge)];
        if (result.Failure is { } failure)
            findings.Add(new("receipts", FindingOutcome.Unknown, failure.Stage, $"The chain failed and has no receipts: {failure.Message}"));
        else if (findings[0].Outcome == FindingOutcome.Holds)
            findings.AddRange(new ChainReceiptsCheck(result, edge, manifest, digest, prompt, unknown).Findings());
        return new ChainReceipts(result.Chain, edge, findings);
    }

    private static ReceiptFinding ResultFinding(JobId job, ChainResult result, NodeId edge)
    {
        string? wrong =
            result.SchemaVersion != ChainResult.CurrentSchema ? "is of another schema"
            : result.Node != edge ? "is not of the node that signed it"
            : result.Job != job ? "is of another job"
            : result.Chain < 0 || result.Attempt < 0 || result.Session != SessionId.Derive(job, result.Chain, result.Attempt) ? "is of another session"
            : result.Choices.Any(c => c?.Tokens is null) || result.Receipts.Any(r => r is null) ? "has a choice or receipt that is null"
            : null;
        return wrong is null
            ? new("result", FindingOutcome.Holds, null, $"Signed by {edge} for chain {result.Chain} of {job}.")
            : Broken("result", 0, $"The result {wrong}.");
    }

    private static ReceiptFinding Broken(string subject, int? stage, string message) => new(subject, FindingOutcome.Broken, stage, message);
}
