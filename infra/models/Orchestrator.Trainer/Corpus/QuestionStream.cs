using Orchestrator.Trainer.Corpus.Kinds;

namespace Orchestrator.Trainer.Corpus;

/// <summary>An endless, seeded stream of questions of all kinds, by weight.</summary>
public sealed class QuestionStream(ulong seed, Split split)
{
    private static readonly int TotalWeight;

    static QuestionStream() => TotalWeight = Kinds.Sum(kind => kind.Weight);

    public static IReadOnlyList<IQuestionKind> Kinds { get; } =
    [
        new Capitals(), new Units(), new Greetings(), new LetterCount(), new LetterOccurrences(), new ItemCount(), new Ranges(), new Reversal(),
        Sorting.Digits, Sorting.Numbers, Sorting.Letters, Sorting.OfWords, new Comparison(), new Addition(),
    ];

    /// <summary>The source of every draw; its state is the place in the stream.</summary>
    public SplitMix Random { get; } = new(seed);

    public Question Next()
    {
        var at = Random.Next(TotalWeight);
        foreach (var kind in Kinds)
        {
            if ((at -= kind.Weight) < 0)
                return Next(kind);
        }
        throw new InvalidOperationException("The weights of the kinds do not add up to their total.");
    }

    public Question Next(IQuestionKind kind)
    {
        var question = kind.Next(Random, split);
        return question with { Text = Phrasings.Typed(question.Text, Random) };
    }
}
