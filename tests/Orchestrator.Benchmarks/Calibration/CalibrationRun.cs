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
/// <param name="models">The model and its variations.</param>
/// <param name="seed">Of prompts and answers.</param>
/// <param name="each">Honest variations that a sequence is run in, taken in turn: with 1 no chunk is compared twice.</param>
internal sealed class CalibrationRun(CalibrationModels models, int seed, int each)
{
    private readonly Variation[] honest = [.. models.Variations.Where(v => v.Honest)];

    private readonly ITokenizer tokenizer = TokenizerFactory.Create(models.Manifest.Tokenizer);
    private readonly Random random = new(seed);

    private int turn;

    internal Dictionary<Variation, List<ComparedChunk>> Found { get; } = models.Variations.ToDictionary(v => v, _ => new List<ComparedChunk>());

    /// <summary>Honest chunks compared, each counted once however often it was compared.</summary>
    internal int DistinctChunks { get; private set; }

    internal void Sequence(int tokens, bool dishonest)
    {
        Variation[] taken = [.. Enumerable.Range(turn, each).Select(i => honest[i % honest.Length])];
        turn += each;
        int prompt = random.Next(tokens / 8, tokens / 2);
        var (all, boundaries) = Reference(prompt, tokens);
        for (int stage = 0; stage < models.Reference.Count; stage++)
        {
            var inputs = stage == 0 ? null : boundaries[stage - 1];
            bool last = stage == models.Reference.Count - 1;
            DistinctChunks += Chunks(prompt, tokens, last).Count();
            var audit = dishonest ? BoundaryRows.Run(models.Reference[stage], all, inputs, honest.First(v => v.PassTokens == 128).Passes(prompt, tokens)) : null;
            foreach (var variation in models.Variations.Where(v => v.Honest ? taken.Contains(v) : dishonest))
            {
                var rows = BoundaryRows.Run(variation.Stages[stage], all, inputs, variation.Passes(prompt, tokens));
                var (own, claimed) = variation.Honest ? (rows, boundaries[stage]) : (audit!, rows);
                Compare(Found[variation], own, claimed, FingerprintBuilder.TypeOf(models.Reference[stage].Shard)!, prompt, tokens, last);
            }
        }
    }

    /// <summary>What a stage commits to of each chunk: of a prompt, the last stage only its last row, which is drawn from.</summary>
    private static IEnumerable<(int From, int To, bool OnePass)> Chunks(int prompt, int tokens, bool last)
    {
        foreach (var chunk in ChunkPlan.All(prompt, tokens))
        {
            int end = chunk.Start + chunk.Tokens;
            if (!last || !chunk.Prefill)
                yield return (chunk.Start, end, chunk.Prefill);
            else if (end == prompt)
                yield return (end - 1, end, true);
        }
    }

    private static void Compare(List<ComparedChunk> found, BoundaryRows own, BoundaryRows claimed, FloatFormat format, int prompt, int tokens, bool last)
    {
        foreach (var (from, to, onePass) in Chunks(prompt, tokens, last))
        {
            FingerprintBuilder mine = new(format), theirs = new(format);
            own.Feed(mine, from, to, onePass);
            claimed.Feed(theirs, from, to, onePass);
            var points = mine.Points();
            if (!Fingerprint.TryDecode(theirs.Finish(), points.Length, out var fingerprint, out string? error))
                throw new InvalidDataException($"Our own fingerprint does not decode: {error}.");
            double[] gaps = last ? [.. Enumerable.Range(from, to - from).Select(token => Gap(own.Row(token), claimed.Row(token))).OfType<double>()] : [];
            found.Add(new(own.Equals(claimed, from, to), FingerprintComparison.Of(points, fingerprint, format), last ? to - from : 0, gaps));
        }
    }

    /// <summary>By how much the claimed draw of temperature 0 falls short of one's own; null when they are the same.</summary>
    private static double? Gap(ReadOnlySpan<byte> own, ReadOnlySpan<byte> claimed)
    {
        var mine = MemoryMarshal.Cast<byte, float>(own);
        int best = TensorPrimitives.IndexOfMax(mine), drawn = TensorPrimitives.IndexOfMax(MemoryMarshal.Cast<byte, float>(claimed));
        return best == drawn ? null : (double)mine[best] - mine[drawn];
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
