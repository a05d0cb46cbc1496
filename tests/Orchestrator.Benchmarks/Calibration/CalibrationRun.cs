using System.Numerics.Tensors;
using System.Runtime.InteropServices;
using Orchestrator.Contracts;
using Orchestrator.Trainer.Corpus;
using Orchestrator.Verification;

namespace Orchestrator.Benchmarks.Calibration;

/// <summary>
/// Runs sequences as nodes do and every stage of them again in every variation, from the inputs that stage received. An honest variation is an auditor that
/// checks the reference's claim; a dishonest one is a claim that the reference, run as an auditor runs it, checks.
/// </summary>
internal sealed class CalibrationRun(CalibrationModels models, int seed)
{
    private readonly ITokenizer tokenizer = TokenizerFactory.Create(models.Manifest.Tokenizer);
    private readonly Random random = new(seed);

    internal Dictionary<Variation, List<(bool Equal, FingerprintComparison Found)>> Found { get; } = models.Variations.ToDictionary(v => v, _ => new List<(bool, FingerprintComparison)>());

    internal void Sequence(int tokens, bool dishonest)
    {
        int prompt = random.Next(tokens / 8, tokens / 2);
        var (all, boundaries) = Reference(prompt, tokens);
        for (int stage = 0; stage < models.Reference.Count; stage++)
        {
            var inputs = stage == 0 ? null : boundaries[stage - 1];
            bool last = stage == models.Reference.Count - 1;
            var audit = BoundaryRows.Run(models.Reference[stage], all, inputs, models.Variations.First(v => v.PassTokens == 128).Passes(prompt, tokens));
            foreach (var variation in models.Variations.Where(v => v.Honest || dishonest))
            {
                var rows = BoundaryRows.Run(variation.Stages[stage], all, inputs, variation.Passes(prompt, tokens));
                var (own, claimed) = variation.Honest ? (rows, boundaries[stage]) : (audit, rows);
                Compare(Found[variation], own, claimed, FingerprintBuilder.TypeOf(models.Reference[stage].Shard)!, prompt, tokens, last);
            }
        }
    }

    private static void Compare(List<(bool, FingerprintComparison)> found, BoundaryRows own, BoundaryRows claimed, FloatFormat format, int prompt, int tokens, bool last)
    {
        foreach (var chunk in ChunkPlan.All(prompt, tokens))
        {
            int end = chunk.Start + chunk.Tokens;
            // The last stage commits to rows drawn from: of a prompt only the last.
            int start = last && chunk.Prefill ? end - 1 : chunk.Start;
            if (last && chunk.Prefill && end != prompt)
                continue;
            FingerprintBuilder mine = new(format), theirs = new(format);
            own.Feed(mine, start, end, chunk.Prefill);
            claimed.Feed(theirs, start, end, chunk.Prefill);
            var points = mine.Points();
            if (!Fingerprint.TryDecode(theirs.Finish(), points.Length, out var fingerprint, out string? error))
                throw new InvalidDataException($"Our own fingerprint does not decode: {error}.");
            found.Add((own.Equals(claimed, start, end), FingerprintComparison.Of(points, fingerprint, format)));
        }
    }

    /// <summary>A prompt of the corpus and what the model says to it, some tokens replaced at random so that no answer repeats itself for ever.</summary>
    private (int[] Tokens, BoundaryRows[] Boundaries) Reference(int prompt, int tokens)
    {
        int[] all = new int[tokens + 1];
        Prompt(prompt).CopyTo(all, 0);
        BoundaryRows[] boundaries = [.. models.Reference.Select(engine => BoundaryRows.Behind(engine, tokens))];
        IStageSession[] sessions = [.. models.Reference.Select(engine => engine.Open(tokens))];
        foreach (var pass in ChunkPlan.All(prompt, tokens).SelectMany(c => ChunkPlan.Passes(c, prompt)))
        {
            for (int stage = 0; stage < sessions.Length; stage++)
                boundaries[stage].RunPass(sessions[stage], all, stage == 0 ? null : boundaries[stage - 1], pass.Tokens);
            int end = pass.Position + pass.Tokens;
            if (end >= prompt)
                all[end] = random.Next(8) == 0 ? random.Next(256) : TensorPrimitives.IndexOfMax(MemoryMarshal.Cast<byte, float>(boundaries[^1].Row(end - 1)));
        }

        foreach (var session in sessions)
            session.Dispose();
        return (all[..tokens], boundaries);
    }

    private int[] Prompt(int tokens)
    {
        var questions = new QuestionStream((ulong)random.NextInt64(), Split.Train);
        List<int> prompt = [];
        while (prompt.Count < tokens)
        {
            var question = questions.Next();
            prompt.AddRange(tokenizer.Encode(new Prompt(null, [new ChatMessage("user", question.Text)])));
        }

        return [.. prompt.Take(tokens)];
    }
}
