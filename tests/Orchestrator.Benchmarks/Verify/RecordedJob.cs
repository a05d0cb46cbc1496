using Orchestrator.Benchmarks.Statistics;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Sampling;
using Orchestrator.Verification;

namespace Orchestrator.Benchmarks.Verify;

/// <summary>One generation with what every stage received, committed to, and took.</summary>
/// <param name="PromptTokens">Tokens of the prompt.</param>
/// <param name="Drawn">Tokens drawn.</param>
/// <param name="Sampling">How.</param>
/// <param name="Inputs">Input file of each stage.</param>
/// <param name="Chunks">Leaves of each stage.</param>
/// <param name="Compute">Processor time of each stage: runtime, commitments, draws.</param>
/// <param name="Decode">Of that, over all stages, the time of passes of one token.</param>
internal sealed record RecordedJob(
    int PromptTokens, IReadOnlyList<int> Drawn, SamplingParameters Sampling, IReadOnlyList<byte[]> Inputs, IReadOnlyList<IReadOnlyList<ChunkRecord>> Chunks, IReadOnlyList<TimeSpan> Compute, TimeSpan Decode)
{
    /// <summary>Tokens that every stage ran.</summary>
    internal int Tokens => (int)ChunkPlan.Ran(PromptTokens, Drawn.Count);

    /// <summary>Generates as the nodes of a chain do, one after the other.</summary>
    internal static RecordedJob Run(ModelManifest model, IReadOnlyList<IStageEngine> engines, int promptTokens, int completion, int seed)
    {
        var random = new Random(seed);
        var sampling = new SamplingParameters(0.8, 0.95, Seed: (ulong)seed);
        var sampler = new TokenSampler(sampling, model.Vocabulary, 0);
        int tokens = (int)ChunkPlan.Ran(promptTokens, completion);
        int[] fed = [.. Enumerable.Range(0, promptTokens).Select(_ => random.Next(32, 127))];
        var all = new List<int>(fed);
        var files = engines.Select(_ => new MemoryStream()).ToArray();
        var inputs = files.Select(file => new InputFileWriter(file)).ToArray();
        var committers = engines.Select(engine => new ChoiceCommitter(engine.Shard, engine.Shard.Stage == engines.Count - 1)).ToArray();
        var sessions = engines.Select(engine => engine.Open(tokens)).ToArray();
        var compute = new TimeSpan[engines.Count];
        TimeSpan prefill = default;
        foreach (var pass in ChunkPlan.All(promptTokens, tokens).SelectMany(chunk => ChunkPlan.Passes(chunk, promptTokens)))
        {
            int[] ids = [.. all[pass.Position..(pass.Position + pass.Tokens)]];
            IReadOnlyList<Tensor> received = [];
            for (int stage = 0; stage < sessions.Length; stage++)
            {
                if (stage == 0)
                    inputs[stage].Append(pass.Position, ids);
                else
                    inputs[stage].Append(pass.Position, pass.Tokens, received);
                var began = ProcessorTime.Now;
                var sends = sessions[stage].Run(stage == 0 ? ids : [], pass.Tokens, received);
                committers[stage].Commit(pass, stage == 0 ? ids : [], received, sends, []);
                compute[stage] += ProcessorTime.Since(began);
                received = sends;
            }

            if (pass.Position < promptTokens)
                prefill = compute.Aggregate(TimeSpan.Zero, (sum, time) => sum + time);
            if (pass.DrawFrom == pass.Tokens)
                continue;
            var drawing = ProcessorTime.Now;
            int token = sampler.Draw(received[0].Bytes.Span[^(model.Vocabulary * sizeof(float))..], pass.Position + pass.Tokens).Token;
            sampler.Accept(token);
            compute[^1] += ProcessorTime.Since(drawing);
            all.Add(token);
        }

        foreach (var session in sessions)
            session.Dispose();
        foreach (var committer in committers)
            committer.Finish();
        var job = new RecordedJob(promptTokens, all[promptTokens..], sampling, [.. files.Select(file => file.ToArray())], [.. committers.Select(committer => committer.Chunks)], compute,
            compute.Aggregate(-prefill, (sum, time) => sum + time));
        foreach (var held in committers.Concat<IDisposable>(inputs))
            held.Dispose();
        return job;
    }
}
