using Orchestrator.Contracts;

namespace Orchestrator.Benchmarks.Decode;

/// <summary>One way to get tokens out of the model. Paths of a benchmark get the same work in the same round and must draw the same tokens.</summary>
public interface IDecodePath : IAsyncDisposable
{
    /// <summary>What is measured, for the report.</summary>
    string Name { get; }

    /// <summary>Generates once and times it from the request to the last token.</summary>
    Task<DecodeRun> RunAsync(DecodeWork work, CancellationToken cancel);
}

/// <summary>What every path does in a round.</summary>
/// <param name="Prompt">Token ids.</param>
/// <param name="CompletionTokens">Tokens to draw; the end token does not stop it.</param>
/// <param name="Sampling">How to draw.</param>
public sealed record DecodeWork(IReadOnlyList<int> Prompt, int CompletionTokens, SamplingParameters Sampling);

/// <summary>One generation.</summary>
/// <param name="Tokens">The tokens drawn.</param>
/// <param name="FirstToken">From the request to the first token: the prefill and one draw.</param>
/// <param name="Decode">From the first token to the last.</param>
public sealed record DecodeRun(IReadOnlyList<int> Tokens, TimeSpan FirstToken, TimeSpan Decode)
{
    /// <summary>Tokens per second after the first.</summary>
    public double TokensPerSecond => (Tokens.Count - 1) / Decode.TotalSeconds;
}
