namespace Orchestrator.Trainer.Corpus.Kinds;

/// <summary>A word backwards.</summary>
public sealed class Reversal : IQuestionKind
{
    private static readonly Phrasings Ways = new(
    [
        "Reverse the word {word}.", "Reverse {word}.", "Spell {word} backwards.", "Write {word} backwards.", "Write the word {word} in reverse.",
        "What is {word} backwards?", "What is {word} in reverse?", "Turn {word} around.", "Can you reverse {word}?", "Say the word {word} backwards.",
    ],
    ["Spell the word {word} backwards.", "What is the word {word} in reverse?", "Can you spell {word} backwards?"]);

    public string Name => "reversal";

    public int Weight => 12;

    public Question Next(SplitMix random, Split split)
    {
        var word = Fence.Draw(Name, split, () => Words.Draw(random), drawn => drawn);
        return new(Name, Ways.ForOperands(random, split).Replace("{word}", word), Answer(word));
    }

    public bool IsTrue(Question question) => question.Text.TrimEnd('?', '.').Split(' ').Any(word => question.Answer == Answer(word));

    private static string Answer(string word) => string.Concat(word.Reverse());
}
