using System.Text.Json.Serialization;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;

namespace Orchestrator.Benchmarks.Commitment;

/// <summary>What commitments cost.</summary>
/// <param name="Model">The model.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Stages">Its stages, all on one thread.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens drawn per run.</param>
/// <param name="Rounds">Pairs of runs.</param>
/// <param name="Machine">Where.</param>
/// <param name="Without">Microseconds per decoded token without commitments.</param>
/// <param name="With">The same with them.</param>
/// <param name="Ratio">Time with over time without, in the same round.</param>
/// <param name="Commit">Microseconds per decoded token inside commitments, over all stages.</param>
/// <param name="Share">That time over the time without.</param>
/// <param name="BytesPerTokenAndStage">Chunk file over tokens run.</param>
public sealed record CommitmentReport(
    string Model, long Parameters, int Stages, int PromptTokens, int CompletionTokens, int Rounds, Machine Machine,
    Spread Without, Spread With, Spread Ratio, Spread Commit, Spread Share, double BytesPerTokenAndStage);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(CommitmentReport))]
internal sealed partial class CommitmentJson : JsonSerializerContext;
