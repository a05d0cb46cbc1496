using System.Text;
using Orchestrator.Trainer.Corpus;
using Orchestrator.Trainer.Training;

namespace Orchestrator.Trainer.Tests.Corpus;

public sealed class CorpusTests
{
    private const int Drawn = 3000;

    public static TheoryData<string> Kinds => [.. QuestionStream.Kinds.Select(kind => kind.Name)];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_answer_is_true_and_fits_an_example(string name)
    {
        var kind = QuestionStream.Kinds.Single(kind => kind.Name == name);
        foreach (var split in Enum.GetValues<Split>())
        {
            var random = new SplitMix(77);
            for (var i = 0; i < Drawn; i++)
            {
                var question = kind.Next(random, split);
                kind.IsTrue(question).ShouldBeTrue($"{question}");
                Encoding.UTF8.GetByteCount(question.Text + question.Answer).ShouldBeLessThan(Batch.LongestExample - 20, $"{question}");
            }
        }
    }

    [Theory]
    [InlineData("capitals", "What is the capital of France?", "The capital of France is Rome.")]
    [InlineData("units", "How many days are in a week?", "There are 24 hours in a day.")]
    [InlineData("letters", "How long is the word stone?", "s1 t2 o3 n4 e5, so 6.")]
    [InlineData("occurrences", "How often is a in banana?", "b0 a1 n1 a2 n2 a3, so 2.")]
    [InlineData("items", "Count the words: pear, lamp.", "1 pear, 2 lamp, so 3.")]
    [InlineData("ranges", "Count from 3 to 5.", "3, 4, 5, 6.")]
    [InlineData("reversal", "Reverse stone.", "enost")]
    [InlineData("sort-digits", "Sort 3, 1, 2.", "1, 3, 2.")]
    [InlineData("sort-numbers", "Sort 30, 4, 2.", "2, 30, 4.")]
    [InlineData("sort-letters", "Sort c, a, b.", "a, b, b.")]
    [InlineData("sort-words", "Sort pear, lamp, door.", "door, pear, lamp.")]
    [InlineData("comparison", "Which is larger, 9 or 10?", "9 is larger than 10.")]
    [InlineData("addition", "What is 47 + 38?", "7+8=15, 4+3+1=8, so 75.")]
    [InlineData("greetings", "Hello", "Go away.")]
    public void The_truth_check_refuses_a_wrong_answer(string name, string text, string answer) =>
        QuestionStream.Kinds.Single(kind => kind.Name == name).IsTrue(new Question(name, text, answer)).ShouldBeFalse();

    [Fact]
    public void Nothing_held_out_is_ever_trained_on()
    {
        var trained = Draw(Split.Train, seed: 1, count: 60_000).Select(question => question.Text).ToHashSet(StringComparer.OrdinalIgnoreCase);
        var heldOut = Draw(Split.HeldOut, seed: 2, count: 6_000).Select(question => question.Text).ToHashSet(StringComparer.OrdinalIgnoreCase);

        heldOut.Where(trained.Contains).ShouldBeEmpty();
        heldOut.Count.ShouldBeGreaterThan(3_000);
    }

    [Fact]
    public void The_same_seed_gives_the_same_questions_and_another_seed_gives_others()
    {
        Draw(Split.Train, 1, 100).ShouldBe(Draw(Split.Train, 1, 100));
        Draw(Split.Train, 1, 100).ShouldNotBe(Draw(Split.Train, 2, 100));
    }

    [Fact]
    public void Only_the_answer_and_its_end_count_in_the_loss()
    {
        var chat = new ChatEncoding().System("Be brief.").User("Hi").Answer("Ho");

        chat.Tokens.ShouldBe([256, 260, .. "Be brief."u8.ToArray().Select(b => (int)b), 257, 'H', 'i', 258, 'H', 'o', 259]);
        chat.Counts.Count(counts => counts).ShouldBe(3);
        chat.Counts.TakeLast(3).ShouldAllBe(counts => counts);
    }

    private static Question[] Draw(Split split, ulong seed, int count)
    {
        var stream = new QuestionStream(seed, split);
        return [.. Enumerable.Range(0, count).Select(_ => stream.Next())];
    }
}
