using System.Text.Json.Serialization;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;

namespace Orchestrator.Benchmarks.Verify;

/// <summary>What checking costs beside doing.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Stages">Stages of the chain.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens drawn.</param>
/// <param name="Rounds">Measured rounds; each generated and audited one job.</param>
/// <param name="Machine">Where.</param>
/// <param name="Generation">Milliseconds of processor time over all stages.</param>
/// <param name="Exact">The exact audit.</param>
/// <param name="Batched">The batched audit.</param>
/// <param name="Disputes">Disputes about a random operator.</param>
public sealed record VerifyReport(
    string Model, int Stages, int PromptTokens, int CompletionTokens, int Rounds, Machine Machine, Spread Generation, AuditCost Exact, AuditCost Batched, DisputeCost Disputes);

/// <summary>Cost and accuracy of auditing all stages of honest jobs.</summary>
/// <param name="Milliseconds">Processor time of all that the audits do.</param>
/// <param name="Cheaper">Generation over audit of the same round.</param>
/// <param name="CheaperPerToken">Time to decode a token over time to audit one: what checking a chunk of an answer costs beside generating it.</param>
/// <param name="CheaperByStage">The same for each stage.</param>
/// <param name="WrongHashes">Chunks whose hash differed: must be 0 for exact audits.</param>
/// <param name="Mismatches">Most mismatching points of any chunk.</param>
/// <param name="MeanError">Largest mean error of any chunk.</param>
/// <param name="Differences">Draws that came out otherwise.</param>
/// <param name="Gap">Their largest gap.</param>
/// <param name="UnseenByStage">Of each stage, the share of decoded tokens that its fingerprints say nothing of.</param>
public sealed record AuditCost(
    Spread Milliseconds, Spread Cheaper, Spread CheaperPerToken, IReadOnlyList<Spread> CheaperByStage, int WrongHashes, int Mismatches, double MeanError, int Differences, double Gap,
    IReadOnlyList<Spread> UnseenByStage);

/// <summary>What disputes took.</summary>
/// <param name="Count">Disputes played.</param>
/// <param name="Right">Those in which the liar lost at the step it lied in.</param>
/// <param name="Steps">Steps of the trace.</param>
/// <param name="Rounds">Rounds of states.</param>
/// <param name="Messages">Answers of both parties.</param>
/// <param name="Bytes">Their bytes, evidence included.</param>
/// <param name="EvidenceBytes">Bytes the referee read.</param>
/// <param name="ReplayOfStage">A party's replay over the stage's own generation.</param>
/// <param name="JudgingMilliseconds">The referee's whole work.</param>
/// <param name="OperatorShare">Loading and running the operator, over the job's processor time.</param>
/// <param name="Bound">1 / (stages x chunks).</param>
public sealed record DisputeCost(
    int Count, int Right, Spread Steps, Spread Rounds, Spread Messages, Spread Bytes, Spread EvidenceBytes, Spread ReplayOfStage, Spread JudgingMilliseconds, Spread OperatorShare, double Bound);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(VerifyReport))]
internal sealed partial class VerifyJson : JsonSerializerContext;
