using System.Text.Json.Serialization;
using Orchestrator.Benchmarks.Statistics;

namespace Orchestrator.Benchmarks.Decode;

/// <summary>What a decode benchmark found.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens drawn per run.</param>
/// <param name="Rounds">Measured rounds; each ran every path once.</param>
/// <param name="Cores">Processors the process saw.</param>
/// <param name="SameTokens">Whether all paths drew the same tokens in every round.</param>
/// <param name="Paths">One per path; the first is what ratios compare with.</param>
public sealed record DecodeReport(
    string Model, long Parameters, int PromptTokens, int CompletionTokens, int Rounds, int Cores, bool SameTokens, IReadOnlyList<PathReport> Paths)
{
    /// <summary>Summarizes runs, indexed by path and round.</summary>
    internal static IReadOnlyList<PathReport> Summarize(IReadOnlyList<IDecodePath> paths, IReadOnlyList<IReadOnlyList<DecodeRun>> runs, int promptTokens) =>
    [
        .. paths.Select((path, at) => new PathReport(
            path.Name,
            Spread.Of(runs[at].Select(run => run.TokensPerSecond)),
            Spread.Of(runs[at].Zip(runs[0], (run, first) => run.TokensPerSecond / first.TokensPerSecond)),
            Spread.Of(runs[at].Select(run => promptTokens / run.FirstToken.TotalSeconds)),
            Spread.Of(runs[at].Select(run => run.FirstToken.TotalMilliseconds)))),
    ];
}

/// <summary>One path's figures.</summary>
/// <param name="Name">The path.</param>
/// <param name="TokensPerSecond">Decoding, after the first token.</param>
/// <param name="Ratio">Its decoding speed over the first path's in the same round.</param>
/// <param name="PrefillTokensPerSecond">Prompt tokens over the time to the first token.</param>
/// <param name="FirstTokenMilliseconds">Time to the first token.</param>
public sealed record PathReport(string Name, Spread TokensPerSecond, Spread Ratio, Spread PrefillTokensPerSecond, Spread FirstTokenMilliseconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DecodeReport))]
internal sealed partial class DecodeJson : JsonSerializerContext;
