namespace Orchestrator.Trainer.Corpus.Kinds;

/// <summary>The length of a word, counted aloud: <c>s1 t2 o3 n4 e5, so 5.</c></summary>
public sealed class LetterCount : IQuestionKind
{
    private static readonly Phrasings Ways = new(
    [
        "How many letters are in the word {word}?", "How many letters are in {word}?", "How many letters does {word} have?",
        "How many letters does the word {word} have?", "Count the letters in {word}.", "Count the letters of the word {word}.",
        "How long is the word {word}?", "What is the number of letters in {word}?", "The word {word} has how many letters?",
    ],
    [
        "Count the letters in the word {word}.", "Tell me how many letters are in {word}.", "How many letters are there in {word}?",
    ]);

    public string Name => "letters";

    public int Weight => 6;

    public Question Next(SplitMix random, Split split)
    {
        var word = Fence.Draw(Name, split, () => Words.Draw(random), drawn => drawn);
        return new(Name, Ways.ForOperands(random, split).Replace("{word}", word), Answer(word));
    }

    public bool IsTrue(Question question) =>
        question.Text.TrimEnd('?', '.').Split(' ').Any(word => question.Answer == Answer(word));

    private static string Answer(string word) =>
        $"{string.Join(' ', word.Select((letter, i) => $"{letter}{i + 1}"))}, so {word.Length}.";
}
