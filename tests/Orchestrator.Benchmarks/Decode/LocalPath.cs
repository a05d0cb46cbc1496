using Orchestrator.Contracts;
using Orchestrator.Onnx.Generation;

namespace Orchestrator.Benchmarks.Decode;

/// <summary>The whole model, or all its stages one after the other, on the calling thread.</summary>
/// <param name="name">Name in the report.</param>
/// <param name="stages">All stages in chain order; disposed with the path.</param>
/// <param name="vocabulary">Logits per position.</param>
internal sealed class LocalPath(string name, IReadOnlyList<IStageEngine> stages, int vocabulary) : IDecodePath
{
    private static readonly TimeProvider Clock = TimeProvider.System;

    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public Task<DecodeRun> RunAsync(DecodeWork work, CancellationToken cancel)
    {
        var generator = new LocalGenerator(stages, vocabulary);
        var tokens = new List<int>(work.CompletionTokens);
        long start = Clock.GetTimestamp(), first = start;
        foreach (var draw in generator.Generate(work.Prompt, work.Sampling, work.CompletionTokens, endToken: null))
        {
            cancel.ThrowIfCancellationRequested();
            tokens.Add(draw.Token);
            if (tokens.Count == 1)
                first = Clock.GetTimestamp();
        }

        return Task.FromResult(new DecodeRun(tokens, Clock.GetElapsedTime(start, first), Clock.GetElapsedTime(first)));
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        foreach (var stage in stages)
            stage.Dispose();
        return ValueTask.CompletedTask;
    }
}
