using System.Text.Json.Serialization;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;

namespace Orchestrator.Benchmarks.Decode;

/// <summary>What a decode benchmark found.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Parameters">Its parameters.</param>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="CompletionTokens">Tokens drawn per run.</param>
/// <param name="Starts">How often everything was loaded and started anew.</param>
/// <param name="Rounds">Measured rounds per start; each ran every path once.</param>
/// <param name="Machine">Where.</param>
/// <param name="SameTokens">Whether all paths drew the same tokens in every round.</param>
/// <param name="Paths">One per path; each adds one thing to the path before it.</param>
public sealed record DecodeReport(
    string Model, long Parameters, int PromptTokens, int CompletionTokens, int Starts, int Rounds, Machine Machine, bool SameTokens, IReadOnlyList<PathReport> Paths)
{
    /// <summary>Summarizes runs, indexed by path and round.</summary>
    internal static IReadOnlyList<PathReport> Summarize(IReadOnlyList<string> paths, IReadOnlyList<IReadOnlyList<DecodeRun>> runs) =>
    [
        .. paths.Select((path, at) => new PathReport(
            path,
            Spread.Of(runs[at].Select(run => run.TokensPerSecond)),
            Spread.Of(runs[at].Zip(runs[0], (run, first) => run.TokensPerSecond / first.TokensPerSecond)),
            Spread.Of(runs[at].Zip(runs[Math.Max(0, at - 1)], (run, before) => run.TokensPerSecond / before.TokensPerSecond)),
            Spread.Of(runs[at].Zip(runs[Math.Max(0, at - 1)], (run, before) => (run.PerToken - before.PerToken).TotalMicroseconds)),
            Spread.Of(runs[at].Select(run => run.FirstToken.TotalMilliseconds)))),
    ];
}

/// <summary>One path's figures.</summary>
/// <param name="Name">The path.</param>
/// <param name="TokensPerSecond">Decoding speed over the last three quarters of the tokens.</param>
/// <param name="OfFirst">That speed over the first path's in the same round.</param>
/// <param name="OfBefore">That speed over the speed of the path before it in the same round.</param>
/// <param name="AddedMicroseconds">Time per token beyond that of the path before it in the same round.</param>
/// <param name="FirstTokenMilliseconds">From the request to the first token.</param>
public sealed record PathReport(
    string Name, Spread TokensPerSecond, Spread OfFirst, Spread OfBefore, Spread AddedMicroseconds, Spread FirstTokenMilliseconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(DecodeReport))]
internal sealed partial class DecodeJson : JsonSerializerContext;
