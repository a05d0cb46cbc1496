using System.Text.Json.Serialization;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;

namespace Orchestrator.Benchmarks.Network;

/// <summary>What developers see of a whole network.</summary>
/// <param name="Chains">Chains that agree on each answer, on as many workers each as there are stages.</param>
/// <param name="Stages">Workers per chain.</param>
/// <param name="Question">What every job asks.</param>
/// <param name="CompletionTokens">Tokens of its answer.</param>
/// <param name="Machine">Where.</param>
/// <param name="Alone">Jobs one after the other.</param>
/// <param name="Loads">Jobs side by side.</param>
public sealed record NetworkReport(
    int Chains, int Stages, string Question, int CompletionTokens, Machine Machine, LatencyReport Alone, IReadOnlyList<LoadReport> Loads);

/// <summary>Times of single jobs, in milliseconds.</summary>
/// <param name="Jobs">How many.</param>
/// <param name="Dispatch">
/// The client's time to the last text less the edge's time from its assignment to its last token: the way in until the edge has its assignment,
/// and the way out of one token. So an upper bound of the time from the request to the first busy worker.
/// </param>
/// <param name="FirstToken">From the request to the first text at the client.</param>
/// <param name="LastToken">From the request to the last text.</param>
/// <param name="Whole">From the request to the end of the stream: all chains have answered and agreed.</param>
public sealed record LatencyReport(int Jobs, Spread Dispatch, Spread FirstToken, Spread LastToken, Spread Whole);

/// <summary>Jobs at one concurrency.</summary>
/// <param name="Concurrency">Jobs at a time.</param>
/// <param name="Jobs">Jobs in all.</param>
/// <param name="JobsPerSecond">Jobs over the time for all.</param>
/// <param name="FirstToken">Milliseconds from request to first text.</param>
/// <param name="Whole">Milliseconds from request to the end of the stream.</param>
public sealed record LoadReport(int Concurrency, int Jobs, double JobsPerSecond, Spread FirstToken, Spread Whole);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(NetworkReport))]
internal sealed partial class NetworkJson : JsonSerializerContext;
