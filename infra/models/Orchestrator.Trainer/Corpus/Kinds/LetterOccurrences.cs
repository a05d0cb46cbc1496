namespace Orchestrator.Trainer.Corpus.Kinds;

/// <summary>How often a letter occurs in a word, with a running count: <c>b0 a1 n1 a2 n2 a3, so 3.</c></summary>
public sealed class LetterOccurrences : IQuestionKind
{
    private static readonly Phrasings Ways = new(
    [
        "How many times does {letter} occur in {word}?", "How often is {letter} in {word}?", "How many {letter} are in {word}?",
        "Count the letter {letter} in {word}.", "How many times does the letter {letter} appear in the word {word}?",
        "How often does {letter} occur in the word {word}?", "Count every {letter} in {word}.", "How many {letter}'s are in {word}?",
    ],
    [
        "How many times does {letter} appear in {word}?", "How often does the letter {letter} occur in {word}?", "Count the letter {letter} in the word {word}.",
    ]);

    public string Name => "occurrences";

    public int Weight => 7;

    public Question Next(SplitMix random, Split split)
    {
        var word = Fence.Draw(Name, split, () => Words.Draw(random), drawn => drawn);
        var letter = random.Chance(85) ? word[random.Next(word.Length)] : (char)('a' + random.Next(26));
        return new(Name, Ways.ForOperands(random, split).Replace("{letter}", $"{letter}").Replace("{word}", word), Answer(letter, word));
    }

    public bool IsTrue(Question question)
    {
        var words = question.Text.TrimEnd('?', '.').Split(' ');
        return words.Where(word => word.Length == 1 || word.EndsWith("'s", StringComparison.Ordinal))
            .Any(letter => question.Answer == Answer(letter[0], words[^1]));
    }

    private static string Answer(char letter, string word)
    {
        var steps = word.Select((c, i) => $"{c}{word[..(i + 1)].Count(seen => seen == letter)}");
        return $"{string.Join(' ', steps)}, so {word.Count(c => c == letter)}.";
    }
}
