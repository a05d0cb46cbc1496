using System.Text.Json.Serialization;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;

namespace Orchestrator.Benchmarks.Breakdown;

/// <summary>Where the time of a token goes in a chain of processes, and what its stages take in one process. Microseconds per token.</summary>
/// <param name="Model">Name of the model.</param>
/// <param name="Rounds">Measured rounds; each ran both chains once.</param>
/// <param name="CompletionTokens">Tokens drawn per run.</param>
/// <param name="Machine">Where.</param>
/// <param name="Local">A token in one process, draw included.</param>
/// <param name="Token">A token over the processes.</param>
/// <param name="Stages">Its parts; their ways, waits and runs add up to the token.</param>
public sealed record BreakdownReport(
    string Model, int Rounds, int CompletionTokens, Machine Machine, Spread Local, Spread Token, IReadOnlyList<StageReport> Stages);

/// <summary>One stage of a chain of processes.</summary>
/// <param name="Stage">The stage.</param>
/// <param name="Way">From the end of the pass before, at the stage before, until the frame is here; for stage 0 the last stage's draw and the edge are in it.</param>
/// <param name="Wait">From the frame to the executor.</param>
/// <param name="Run">In the runtime.</param>
/// <param name="LocalRun">In the runtime when all stages are in one process, in the same rounds.</param>
/// <param name="Send">From the end of the pass until the frame is handed to the link: part of the next stage's way.</param>
/// <param name="Commit">Commitment after that: on nobody's way.</param>
public sealed record StageReport(int Stage, Spread Way, Spread Wait, Spread Run, Spread LocalRun, Spread Send, Spread Commit);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(BreakdownReport))]
internal sealed partial class BreakdownJson : JsonSerializerContext;
