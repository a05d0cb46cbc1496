namespace Orchestrator.Trainer.Corpus.Kinds;

/// <summary>Digits, numbers, letters or words in order. Held-out lists differ from trained ones in what they contain, not only in its order.</summary>
public sealed class Sorting : IQuestionKind
{
    private static readonly Phrasings Ways = new(
    [
        "Sort {list}.", "Sort these: {list}.", "Sort this list: {list}.", "Put {list} in order.", "Put these in order: {list}.", "Order {list}.",
        "Arrange {list} in order.", "Can you sort {list}?", "Sort the following: {list}.", "Sort these {nouns}: {list}.", "Sort the {nouns} {list}.",
        "Put the {nouns} {list} in order.", "Order these {nouns}: {list}.",
    ],
    ["Please sort {list}.", "Put this list in order: {list}.", "Can you put {list} in order?", "Put these {nouns} in order: {list}.", "Can you sort these {nouns}: {list}?"]);

    private readonly (string Kind, string Nouns, Func<SplitMix, string[]> Draw, IComparer<string> Order) items;

    private Sorting(string kind, string nouns, int weight, Func<SplitMix, string[]> draw, IComparer<string> order) =>
        (items, Weight) = ((kind, nouns, draw, order), weight);

    public static Sorting Digits { get; } = new("sort-digits", "digits", 7, random => Some(random, 3, 6, () => $"{random.Next(10)}"), StringComparer.Ordinal);

    public static Sorting Numbers { get; } = new("sort-numbers", "numbers", 11, random => Some(random, 3, 4, () => $"{random.Next(100)}"),
        Comparer<string>.Create((left, right) => int.Parse(left).CompareTo(int.Parse(right))));

    public static Sorting Letters { get; } = new("sort-letters", "letters", 8, random => Some(random, 3, 6, () => $"{(char)('a' + random.Next(26))}"), StringComparer.Ordinal);

    public static Sorting OfWords { get; } = new("sort-words", "words", 9, random =>
    {
        var words = new List<string>();
        for (var count = random.Between(3, 4); words.Count < count;)
        {
            var word = Words.Draw(random);
            if (words.All(other => other[0] != word[0]))
                words.Add(word);
        }
        return [.. words];
    }, StringComparer.Ordinal);

    public string Name => items.Kind;

    public int Weight { get; }

    public Question Next(SplitMix random, Split split)
    {
        var list = Fence.Draw(Name, split, () => items.Draw(random), drawn => string.Join(' ', drawn.Order(items.Order)));
        var text = Ways.ForOperands(random, split).Replace("{nouns}", items.Nouns);
        return new(Name, text.Replace("{list}", string.Join(random.Chance(15) ? " " : ", ", list)), Answer(list));
    }

    public bool IsTrue(Question question)
    {
        var words = question.Text.Split([' ', ',', ':', '?', '.'], StringSplitOptions.RemoveEmptyEntries).ToList();
        var answer = question.Answer.TrimEnd('.').Split(", ");
        return answer.All(words.Remove) && question.Answer == Answer(answer);
    }

    private string Answer(string[] list) => string.Join(", ", list.Order(items.Order)) + ".";

    private static string[] Some(SplitMix random, int least, int most, Func<string> item) =>
        [.. Enumerable.Range(0, random.Between(least, most)).Select(_ => item())];
}
