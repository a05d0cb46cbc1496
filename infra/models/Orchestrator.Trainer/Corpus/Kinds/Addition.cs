using System.Text.RegularExpressions;

namespace Orchestrator.Trainer.Corpus.Kinds;

/// <summary>
/// Sums of two numbers of up to three digits, worked out column by column from the ones with the carry written last, as it is
/// taught at school: <c>7+8=15, 4+3+1=8, so 85.</c>
/// </summary>
public sealed partial class Addition : IQuestionKind
{
    private static readonly Phrasings Ways = new(
    [
        "What is {a} + {b}?", "What is {a} plus {b}?", "Add {a} and {b}.", "{a} + {b} = ?", "What is the sum of {a} and {b}?", "Compute {a} + {b}.",
        "How much is {a} + {b}?", "Calculate {a} plus {b}.", "{a} plus {b}?", "{a}+{b}", "What's {a} + {b}?", "What is {a}+{b}?", "Sum {a} and {b}.",
    ],
    ["How much is {a} plus {b}?", "Calculate {a} + {b}.", "Calculate the sum of {a} and {b}.", "What's {a} plus {b}?"]);

    public string Name => "addition";

    public int Weight => 14;

    public Question Next(SplitMix random, Split split)
    {
        var (a, b) = Fence.Draw(Name, split, () => (Number(random), Number(random)), drawn => $"{drawn.Item1} {drawn.Item2}");
        return new(Name, Ways.ForOperands(random, split).Replace("{a}", $"{a}").Replace("{b}", $"{b}"), Answer(a, b));
    }

    public bool IsTrue(Question question)
    {
        var numbers = Digits().Matches(question.Text).Select(match => int.Parse(match.Value)).ToArray();
        return numbers.Length == 2 && question.Answer == Answer(numbers[0], numbers[1])
            && question.Answer.EndsWith($"so {numbers[0] + numbers[1]}.", StringComparison.Ordinal);
    }

    private static int Number(SplitMix random) => random.Next(random.Next(100) switch { < 20 => 10, < 75 => 100, _ => 1000 });

    private static string Answer(int a, int b)
    {
        var steps = new List<string>();
        for (var (left, right, carry) = (a, b, 0); steps.Count == 0 || left + right > 0; (left, right) = (left / 10, right / 10))
        {
            var sum = left % 10 + right % 10 + carry;
            steps.Add($"{left % 10}+{right % 10}{(carry > 0 ? "+1" : "")}={sum}");
            carry = sum / 10;
        }
        return $"{string.Join(", ", steps)}, so {a + b}.";
    }

    [GeneratedRegex("[0-9]+")]
    private static partial Regex Digits();
}
