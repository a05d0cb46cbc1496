using System.Diagnostics;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Generation;

namespace Orchestrator.Benchmarks.Decode;

/// <summary>The whole model, or all its stages one after the other, on the calling thread.</summary>
/// <param name="name">Name in the report.</param>
/// <param name="stages">All stages in chain order; disposed with the path.</param>
/// <param name="vocabulary">Logits per position.</param>
internal sealed class LocalPath(string name, IReadOnlyList<IStageEngine> stages, int vocabulary) : IDecodePath
{
    /// <inheritdoc />
    public string Name => name;

    /// <inheritdoc />
    public Task<DecodeRun> RunAsync(DecodeWork work, CancellationToken cancel)
    {
        var generator = new LocalGenerator(stages, vocabulary);
        var tokens = new List<int>(work.CompletionTokens);
        var at = new List<TimeSpan>(work.CompletionTokens);
        long start = Stopwatch.GetTimestamp();
        foreach (var draw in generator.Generate(work.Prompt, work.Sampling, work.CompletionTokens, endToken: null))
        {
            cancel.ThrowIfCancellationRequested();
            at.Add(Stopwatch.GetElapsedTime(start));
            tokens.Add(draw.Token);
        }

        return Task.FromResult(new DecodeRun(tokens, at));
    }

    /// <inheritdoc />
    public ValueTask DisposeAsync()
    {
        foreach (var stage in stages)
            stage.Dispose();
        return ValueTask.CompletedTask;
    }
}
