using System.Text.RegularExpressions;

namespace Orchestrator.Trainer.Corpus.Kinds;

/// <summary>Counting up or down between two numbers below a hundred and ten.</summary>
public sealed partial class Ranges : IQuestionKind
{
    private static readonly Phrasings Up = new(
    [
        "Count from {from} to {to}.", "Count up from {from} to {to}.", "List the numbers from {from} to {to}.", "Which numbers are from {from} to {to}?",
        "Say the numbers from {from} to {to}.", "Give me all numbers from {from} to {to}.", "Can you count from {from} to {to}?",
    ],
    ["Please count from {from} to {to}.", "List all numbers from {from} to {to}.", "Can you count up from {from} to {to}?"]);

    private static readonly Phrasings Down = new(
    [
        "Count down from {from} to {to}.", "Count backwards from {from} to {to}.", "List the numbers down from {from} to {to}.", "Can you count down from {from} to {to}?",
    ],
    ["Please count down from {from} to {to}.", "Can you count backwards from {from} to {to}?"]);

    public string Name => "ranges";

    public int Weight => 8;

    public Question Next(SplitMix random, Split split)
    {
        var down = random.Chance(35);
        var (from, to) = Fence.Draw(Name, split, () =>
        {
            var low = random.Chance(40) ? random.Next(12) : random.Next(100);
            var high = low + random.Between(2, 9);
            return down ? (high, low) : (low, high);
        }, drawn => $"{drawn}");
        var text = (down ? Down : Up).ForOperands(random, split).Replace("{from}", $"{from}").Replace("{to}", $"{to}");
        return new(Name, text, Answer(from, to));
    }

    public bool IsTrue(Question question)
    {
        var ends = Number().Matches(question.Text).Select(match => int.Parse(match.Value)).ToArray();
        return ends.Length == 2 && question.Answer == Answer(ends[0], ends[1]);
    }

    private static string Answer(int from, int to)
    {
        var numbers = Enumerable.Range(Math.Min(from, to), Math.Abs(to - from) + 1);
        return string.Join(", ", from <= to ? numbers : numbers.Reverse()) + ".";
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Number();
}
