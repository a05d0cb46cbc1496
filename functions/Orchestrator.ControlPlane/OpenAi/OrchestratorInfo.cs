using System.Text.Json.Serialization;
using Orchestrator.Contracts;
using Orchestrator.Core.Assurance;
using Orchestrator.Core.Settlement;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>What this service adds to every answer, in one extra field.</summary>
/// <param name="Job">The job; its receipts are at <c>/api/jobs/{job}</c>.</param>
/// <param name="Assurance">How the answer was checked.</param>
/// <param name="Chains">The chains that agreed.</param>
/// <param name="Price">What it cost.</param>
/// <param name="Receipts">SHA-256 over the agreed chains' signed results, in chain order; each is a blob.</param>
public sealed record OrchestratorInfo(
    [property: JsonPropertyName("job")] string Job,
    [property: JsonPropertyName("assurance")] AssuranceInfo Assurance,
    [property: JsonPropertyName("chains")] IReadOnlyList<ChainInfo> Chains,
    [property: JsonPropertyName("price")] PriceInfo Price,
    [property: JsonPropertyName("receipts")] Digest Receipts);

/// <summary>How an answer was checked.</summary>
/// <param name="Requested">What was asked for.</param>
/// <param name="Achieved">What it got.</param>
/// <param name="ChainsAgreed">Chains with equal tokens and equal commitments, or equal ones within tolerance.</param>
/// <param name="Commitment">SHA-256 over the agreed tokens and output commitments.</param>
/// <param name="Finality">Whether it counts for good.</param>
/// <param name="FinalAt">When a provisional answer becomes final if nothing is found; null when that depends on audits alone, or it is final.</param>
/// <param name="Detection">Probability that a wrong answer by one node is noticed, as quoted.</param>
/// <param name="Lottery">How audits were drawn; null when none could be, or while it must not be known yet.</param>
public sealed record AssuranceInfo(
    [property: JsonPropertyName("requested")] string Requested,
    [property: JsonPropertyName("achieved")] string Achieved,
    [property: JsonPropertyName("chains_agreed")] int ChainsAgreed,
    [property: JsonPropertyName("commitment")] Digest Commitment,
    [property: JsonPropertyName("finality")] Finality Finality,
    [property: JsonPropertyName("final_at")] DateTimeOffset? FinalAt,
    [property: JsonPropertyName("detection")] double Detection,
    [property: JsonPropertyName("lottery")] LotteryInfo? Lottery)
{
    /// <summary>
    /// What came of the audits: <c>not drawn, passed, none available</c> (nobody could do them), <c>partly</c> (some of them), <c>in doubt</c>, <c>wrong</c> or <c>ended early</c>
    /// (something else overturned the answer first). Null while they run, and where there are none.
    /// </summary>
    [JsonPropertyName("checked")]
    public string? Checked { get; init; }

    /// <summary><c>tolerance</c> where the agreed chains ran in different execution classes and were compared within calibrated limits; not there where every bit was, or nothing.</summary>
    [JsonPropertyName("comparison"), JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public ChainComparing? Comparison { get; init; }
}

/// <summary>
/// The draw of a job's audits, for anybody to repeat: the signature is the platform's Ed25519 signature over the ASCII bytes
/// <c>orchestrator-audits/1|</c> and the receipts' digest, and <c>AuditLottery</c> says what it draws.
/// </summary>
/// <param name="Signature">64 bytes, lower-case hex.</param>
/// <param name="Stages">Every stage, with the rate it was drawn at.</param>
public sealed record LotteryInfo(
    [property: JsonPropertyName("signature")] string Signature,
    [property: JsonPropertyName("stages")] IReadOnlyList<LotteryStageInfo> Stages)
{
    /// <summary>Chunks drawn of an audited stage; null for jobs of releases that did not publish it.</summary>
    [JsonPropertyName("chunks_per_audit")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public int? ChunksPerAudit { get; init; }
}

/// <summary>A stage in the lottery.</summary>
public sealed record LotteryStageInfo(
    [property: JsonPropertyName("chain")] int Chain,
    [property: JsonPropertyName("stage")] int Stage,
    [property: JsonPropertyName("rate")] double Rate,
    [property: JsonPropertyName("chunks")] IReadOnlyList<int> Chunks,
    [property: JsonPropertyName("audited")] bool Audited)
{
    /// <summary>The chunks that were drawn; null for jobs of releases that did not publish them.</summary>
    [JsonPropertyName("drawn")]
    [JsonIgnore(Condition = JsonIgnoreCondition.WhenWritingNull)]
    public IReadOnlyList<LotteryChunkInfo>? Drawn { get; init; }
}

/// <summary>A drawn chunk of a choice, both from 0 on.</summary>
public sealed record LotteryChunkInfo([property: JsonPropertyName("choice")] int Choice, [property: JsonPropertyName("chunk")] int Chunk);

/// <summary>One agreed chain.</summary>
/// <param name="Chain">Its number within the job.</param>
/// <param name="Attempt">Its dispatch attempt.</param>
/// <param name="TotalMicroseconds">From the assignment to the last token, by the edge's clock.</param>
/// <param name="Stages">One per stage, in order.</param>
public sealed record ChainInfo(
    [property: JsonPropertyName("chain")] int Chain,
    [property: JsonPropertyName("attempt")] int Attempt,
    [property: JsonPropertyName("total_us")] long TotalMicroseconds,
    [property: JsonPropertyName("stages")] IReadOnlyList<StageInfo> Stages)
{
    /// <summary>Blob of its signed result; <see cref="OrchestratorInfo.Receipts"/> is over these.</summary>
    [JsonPropertyName("result")]
    public Digest? Result { get; init; }
}

/// <summary>One node's part.</summary>
public sealed record StageInfo(
    [property: JsonPropertyName("node")] NodeId Node,
    [property: JsonPropertyName("host")] string Host,
    [property: JsonPropertyName("stage")] int Stage,
    [property: JsonPropertyName("layers")] LayerRange Layers,
    [property: JsonPropertyName("compute_us")] long ComputeMicroseconds,
    [property: JsonPropertyName("earned")] long Earned);

/// <summary>Cost of a request.</summary>
/// <param name="Quoted">The most it could cost; set aside while it ran.</param>
/// <param name="Charged">What it cost.</param>
/// <param name="Currency">Always <c>micro-credits</c>.</param>
public sealed record PriceInfo(
    [property: JsonPropertyName("quoted")] long Quoted,
    [property: JsonPropertyName("charged")] long Charged,
    [property: JsonPropertyName("currency")] string Currency = "micro-credits");
