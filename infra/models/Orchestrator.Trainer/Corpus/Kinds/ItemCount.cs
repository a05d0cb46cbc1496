namespace Orchestrator.Trainer.Corpus.Kinds;

/// <summary>How many things a list has: <c>1 pear, 2 lamp, 3 door, so 3.</c></summary>
public sealed class ItemCount : IQuestionKind
{
    private static readonly Phrasings Ways = new(
    [
        "How many items are in this list: {list}?", "Count the items: {list}.", "How many things are these: {list}?", "Count these words: {list}.",
        "How many words are in this list: {list}?", "How many items are here: {list}?", "Count the things in this list: {list}.",
    ],
    [
        "Count the words: {list}.", "How many things are in this list: {list}?", "Count these items: {list}.",
    ]);

    public string Name => "items";

    public int Weight => 6;

    public Question Next(SplitMix random, Split split)
    {
        var list = Fence.Draw(Name, split, () => string.Join(", ", Enumerable.Range(0, random.Between(2, 6)).Select(_ => Words.Draw(random))), drawn => drawn);
        return new(Name, Ways.ForOperands(random, split).Replace("{list}", list), Answer(list.Split(", ")));
    }

    public bool IsTrue(Question question) =>
        question.Answer == Answer(question.Text.TrimEnd('?', '.')[(question.Text.LastIndexOf(": ", StringComparison.Ordinal) + 2)..].Split(", "));

    private static string Answer(string[] items) => $"{string.Join(", ", items.Select((item, i) => $"{i + 1} {item}"))}, so {items.Length}.";
}
