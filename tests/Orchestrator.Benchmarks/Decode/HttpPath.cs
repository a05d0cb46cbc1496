using System.Diagnostics;
using Orchestrator.Benchmarks.Chains;
using Orchestrator.Cli;

namespace Orchestrator.Benchmarks.Decode;

/// <summary>A streamed chat completion on one chain, timed where a developer's program reads it.</summary>
internal sealed class HttpPath(string name, ModelNetwork network) : IDecodePath
{
    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public async Task<DecodeRun> RunAsync(DecodeWork work, CancellationToken cancel)
    {
        var at = new List<TimeSpan>(work.CompletionTokens);
        long start = Stopwatch.GetTimestamp();
        var answer = await ChatStream.RunAsync(
            network.Client,
            work.Request(network.Model),
            text => at.AddRange(Enumerable.Repeat(Stopwatch.GetElapsedTime(start), text.Length)),
            cancel);
        int drawn = answer.Usage!["completion_tokens"]!.GetValue<int>();
        return drawn == at.Count
            ? new DecodeRun([.. answer.Text.Select(letter => (int)letter)], at)
            : throw new InvalidOperationException($"The answer has {at.Count} characters from {drawn} tokens: tokens that are no letters cannot be timed.");
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync() => network.DisposeAsync();
}
