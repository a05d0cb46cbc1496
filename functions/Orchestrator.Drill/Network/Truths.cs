using System.Collections.Concurrent;
using Orchestrator.Contracts;
using Orchestrator.Drill.Models;
using Orchestrator.Onnx.Generation;

namespace Orchestrator.Drill.Network;

/// <summary>The right answers: what the published shards give in one process, without a network. Each is computed once. Thread-safe.</summary>
public sealed class Truths
{
    private readonly ConcurrentDictionary<JobId, int[]> known = [];

    /// <summary>The right answer's tokens.</summary>
    public IReadOnlyList<int> Of(DrillJob job, Engines engines) => known.GetOrAdd(job.Id, _ =>
    [
        .. new LocalGenerator(engines.Chain, engines.Model.Manifest.Vocabulary)
            .Generate(job.Prompt, job.Sampling, job.MaxCompletionTokens, engines.Model.Tokenizer.EndToken).Select(draw => draw.Token),
    ]);
}
