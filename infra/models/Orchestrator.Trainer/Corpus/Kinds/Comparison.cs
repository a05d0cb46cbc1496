using System.Text.RegularExpressions;

namespace Orchestrator.Trainer.Corpus.Kinds;

/// <summary>The larger or the smaller of two different numbers below a thousand.</summary>
public sealed partial class Comparison : IQuestionKind
{
    private static readonly string[] MoreWords = ["larger", "larger", "bigger", "greater"];

    private static readonly Phrasings Larger = new(
    [
        "Which is larger, {a} or {b}?", "Which number is larger, {a} or {b}?", "What is larger, {a} or {b}?", "Which is larger: {a} or {b}?",
        "Which is the larger number, {a} or {b}?", "Which one is larger, {a} or {b}?", "Is {a} or {b} larger?",
    ],
    ["Tell me which is larger, {a} or {b}.", "Which of {a} and {b} is larger?", "Which number is larger: {a} or {b}?"]);

    public string Name => "comparison";

    public int Weight => 13;

    public Question Next(SplitMix random, Split split)
    {
        var (a, b) = Fence.Draw(Name, split, () =>
        {
            var bound = random.Chance(70) ? 100 : 1000;
            var (a, b) = (random.Next(bound), random.Next(bound));
            return (a, a == b ? b + 1 : b);
        }, drawn => $"{Math.Min(drawn.a, drawn.Item2)} {Math.Max(drawn.a, drawn.Item2)}");
        var larger = random.Chance(60);
        var text = Larger.ForOperands(random, split).Replace("{a}", $"{a}").Replace("{b}", $"{b}");
        return new(Name, text.Replace("larger", larger ? random.Pick(MoreWords) : "smaller"), Answer(a, b, larger));
    }

    public bool IsTrue(Question question)
    {
        var numbers = Number().Matches(question.Text).Select(match => int.Parse(match.Value)).ToArray();
        return numbers.Length == 2 && question.Answer == Answer(numbers[0], numbers[1], MoreWords.Any(question.Text.Contains));
    }

    private static string Answer(int a, int b, bool larger) => larger
        ? $"{Math.Max(a, b)} is larger than {Math.Min(a, b)}."
        : $"{Math.Min(a, b)} is smaller than {Math.Max(a, b)}.";

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
