using System.Diagnostics;
using Orchestrator.Benchmarks.Chains;

namespace Orchestrator.Benchmarks.Decode;

/// <summary>Worker processes, told and read directly: signed assignments to each, tokens from the edge's own stream. No control plane on the way.</summary>
internal sealed class ChainPath(string name, ChainPlatform platform) : IDecodePath
{
    private static readonly TimeSpan Life = TimeSpan.FromMinutes(10);

    /// <inheritdoc />
    public string Name => name;

    /// <summary>The session of the last run; null before the first.</summary>
    internal string? LastSession { get; private set; }

    /// <inheritdoc />
    public async Task<DecodeRun> RunAsync(DecodeWork work, CancellationToken cancel)
    {
        var tokens = new List<int>(work.CompletionTokens);
        var at = new List<TimeSpan>(work.CompletionTokens);
        long start = Stopwatch.GetTimestamp();
        var session = platform.NewSession();
        LastSession = session.Id.Value;
        var assigned = platform.AssignAsync(session, work.Conversation(), work.Prompt.Count, work.CompletionTokens, work.Sampling, Life, cancel);
        await foreach (var item in platform.ReadAsync(session, cancel))
        {
            if (item.Failure is { } failure)
                throw new InvalidOperationException($"The chain failed: {failure.Message}");
            if (item.Draw is not { } draw)
                continue;
            at.Add(Stopwatch.GetElapsedTime(start));
            tokens.Add(draw.Token);
        }

        await assigned;
        return new DecodeRun(tokens, at);
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        platform.Dispose();
        return ValueTask.CompletedTask;
    }
}
