using System.Text.Json.Serialization;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;

namespace Orchestrator.Benchmarks.Commitment;

/// <summary>What commitments cost a chain of worker processes, where they are made while other stages run. Microseconds per decoded token.</summary>
/// <param name="Model">The model.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="Stages">Its stages, one worker process and one thread each.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens drawn per session.</param>
/// <param name="Sessions">Sessions at a time, all on one chain.</param>
/// <param name="Starts">How often processes were started anew.</param>
/// <param name="Rounds">Pairs of runs per start.</param>
/// <param name="Machine">Where.</param>
/// <param name="SameTokens">Whether all sessions drew the same tokens.</param>
/// <param name="Without">From a token to the next without commitments.</param>
/// <param name="With">The same with them.</param>
/// <param name="Ratio">Time with over time without, in the same round.</param>
/// <param name="RatioMedian">Where the median of these ratios lies with 95 % confidence.</param>
/// <param name="Commit">Spent committing, over all stages.</param>
/// <param name="CommitShare">That over the time with.</param>
/// <param name="Behind">The most a token can have waited behind commitments, over all stages.</param>
/// <param name="BehindShare">That over the time with.</param>
public sealed record NetworkCommitmentReport(
    string Model, long Parameters, int Stages, int PromptTokens, int CompletionTokens, int Sessions, int Starts, int Rounds, Machine Machine, bool SameTokens,
    Spread Without, Spread With, Spread Ratio, MedianInterval RatioMedian, Spread Commit, Spread CommitShare, Spread Behind, Spread BehindShare);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(NetworkCommitmentReport))]
internal sealed partial class NetworkCommitmentJson : JsonSerializerContext;
