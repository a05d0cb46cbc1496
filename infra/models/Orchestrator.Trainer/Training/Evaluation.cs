using System.Runtime.InteropServices;
using Orchestrator.Trainer.Corpus;
using Orchestrator.Trainer.Llama;

namespace Orchestrator.Trainer.Training;

/// <summary>Right answers of one kind.</summary>
public sealed record KindScore(string Kind, int Right, int Asked)
{
    public double Accuracy => (double)Right / Asked;
}

/// <summary>A question the model got wrong.</summary>
public sealed record Miss(string Kind, string Question, string Expected);

/// <summary>Exact-match accuracy over held-out questions; <see cref="Misses"/> holds a few examples.</summary>
public sealed record EvaluationReport(ulong Seed, int Asked, int Right, double Accuracy, IReadOnlyList<KindScore> Kinds, IReadOnlyList<Miss> Misses);

/// <summary>
/// Measures exact match under greedy decoding, in one pass per batch: greedy decoding says exactly the expected answer if and only
/// if, after the question and each true beginning of the answer, the likeliest next token is the expected one.
/// </summary>
public static class Evaluation
{
    private const int BatchTokens = 1024;
    private const int MissesKeptPerKind = 4;

    /// <summary>Asks <paramref name="perKind"/> held-out questions of every kind.</summary>
    public static EvaluationReport Run(LlamaWeights weights, ulong seed, int perKind)
    {
        var stream = new QuestionStream(seed, Split.HeldOut);
        Question[] questions = [.. QuestionStream.Kinds.SelectMany(kind => Enumerable.Range(0, perKind).Select(_ => stream.Next(kind)))];
        var right = Judge(weights, questions);
        KindScore[] kinds = [.. questions.Zip(right).GroupBy(pair => pair.First.Kind)
            .Select(group => new KindScore(group.Key, group.Count(pair => pair.Second), group.Count()))];
        Miss[] misses = [.. questions.Zip(right).Where(pair => !pair.Second).GroupBy(pair => pair.First.Kind)
            .SelectMany(group => group.Take(MissesKeptPerKind)).Select(pair => new Miss(pair.First.Kind, pair.First.Text, pair.First.Answer))];
        var sum = right.Count(ok => ok);
        return new EvaluationReport(seed, questions.Length, sum, (double)sum / questions.Length, kinds, misses);
    }

    /// <summary>For each question, whether greedy decoding gives its answer.</summary>
    public static bool[] Judge(LlamaWeights weights, IReadOnlyList<Question> questions)
    {
        using var packed = new PackedWeights(weights);
        packed.Refresh(threads: 1);
        using var pass = new LlamaPass(packed, BatchTokens);
        var batch = new Batch(BatchTokens);
        var right = new List<bool>();
        for (var next = 0; next < questions.Count;)
        {
            batch.Clear();
            while (next < questions.Count && TryAdd(batch, questions[next]))
                next++;
            pass.Forward(batch);
            foreach (var (start, length) in batch.Examples)
                right.Add(Says(batch, pass.Logits, weights.Config.Vocab, start, length));
        }
        return [.. right];
    }

    private static bool TryAdd(Batch batch, Question question)
    {
        var chat = new ChatEncoding().User(question.Text).Answer(question.Answer);
        return batch.TryAdd(CollectionsMarshal.AsSpan([.. chat.Tokens]), CollectionsMarshal.AsSpan([.. chat.Counts]));
    }

    private static bool Says(Batch batch, ReadOnlySpan<float> logits, int vocab, int start, int length)
    {
        for (var i = start; i < start + length; i++)
        {
            if (batch.Targets[i] >= 0 && Greedy.Pick(logits.Slice(i * vocab, vocab)) != batch.Targets[i])
                return false;
        }
        return true;
    }
}
