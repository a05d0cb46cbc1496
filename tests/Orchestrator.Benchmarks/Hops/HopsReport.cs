using System.Text.Json.Serialization;
using Orchestrator.Benchmarks.Output;
using Orchestrator.Benchmarks.Statistics;

namespace Orchestrator.Benchmarks.Hops;

/// <summary>What a token costs on its way round a chain of empty stages.</summary>
/// <param name="Stages">Hosts in the chain.</param>
/// <param name="Tokens">Tokens per session.</param>
/// <param name="Sessions">Measured sessions, one after the other.</param>
/// <param name="Machine">Where.</param>
/// <param name="Rows">The whole round first, then its hops in order; in microseconds.</param>
public sealed record HopsReport(int Stages, int Tokens, int Sessions, Machine Machine, IReadOnlyList<HopRow> Rows);

/// <summary>One way.</summary>
/// <param name="Name">From where to where.</param>
/// <param name="Microseconds">From the start of a pass to the start of the next one on that way.</param>
public sealed record HopRow(string Name, Spread Microseconds);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(HopsReport))]
internal sealed partial class HopsJson : JsonSerializerContext;
