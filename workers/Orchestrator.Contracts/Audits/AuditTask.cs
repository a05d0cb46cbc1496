using System.Text.Json.Serialization;

namespace Orchestrator.Contracts;

/// <summary>
/// Asks a node to run again what another claims to have run, from the inputs that node committed to. Published on the auditor's work
/// topic. The claim itself is not in it, so there is nothing to copy. Redelivery of the same audit has no effect.
/// </summary>
/// <param name="SchemaVersion">Version of this message.</param>
/// <param name="Node">The auditor it is for.</param>
/// <param name="Audit">The audit.</param>
/// <param name="Manifest">SHA-256 of the model's manifest.</param>
/// <param name="Stage">The stage to run.</param>
/// <param name="PromptTokens">Tokens of the prompt, 1 or more; with <paramref name="Tokens"/> it gives the chunks.</param>
/// <param name="Tokens">Positions the stage ran, prompt and completion.</param>
/// <param name="Inputs">Blob with all passes the stage received: an input file, checked by the platform against the receipt.</param>
/// <param name="InputBytes">Size of that blob.</param>
/// <param name="Chunks">Numbers of the chunks to report on, rising; 1 to <see cref="MaxChunks"/>.</param>
/// <param name="Mode">How to run them.</param>
/// <param name="Draws">What was drawn, to be drawn again; last stage only, null elsewhere.</param>
/// <param name="ExpiresAt">A report after this is worth nothing.</param>
public sealed record AuditTask(
    int SchemaVersion,
    NodeId Node,
    AuditId Audit,
    Digest Manifest,
    int Stage,
    int PromptTokens,
    int Tokens,
    Digest Inputs,
    long InputBytes,
    IReadOnlyList<int> Chunks,
    AuditMode Mode,
    DrawTask? Draws,
    DateTimeOffset ExpiresAt)
{
    /// <summary>The schema this build reads and writes.</summary>
    public const int CurrentSchema = 1;

    /// <summary>Most chunks of one audit: their report must fit a message.</summary>
    public const int MaxChunks = 512;
}

/// <summary>How an audit runs what it checks.</summary>
[JsonConverter(typeof(JsonStringEnumConverter<AuditMode>))]
public enum AuditMode
{
    /// <summary>The same passes as the audited node, so that a node of the same class gets the same bits; compared by hash.</summary>
    [JsonStringEnumMemberName("exact")]
    Exact,

    /// <summary>All inputs in passes as large as the engine takes: far cheaper than generating, compared by fingerprint.</summary>
    [JsonStringEnumMemberName("batched")]
    Batched,
}

/// <summary>The draws of one choice.</summary>
/// <param name="Sampling">How the last stage had to draw.</param>
/// <param name="Choice">0-based number of the choice.</param>
/// <param name="Tokens">The tokens drawn, in order; the first takes the place after the prompt.</param>
public sealed record DrawTask(SamplingParameters Sampling, int Choice, IReadOnlyList<int> Tokens);
