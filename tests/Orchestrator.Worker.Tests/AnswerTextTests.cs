using System.Text;
using CsCheck;
using Orchestrator.Contracts;

namespace Orchestrator.Worker.Tests;

public sealed class AnswerTextTests
{
    private static readonly ITokenizer Bytes = TokenizerFactory.Create(TokenizerSpec.ByteDefault);

    [Fact]
    public void Pieces_together_are_the_decoding_of_all_bytes() =>
        Gen.Byte.Array[0, 60].Sample(bytes => Run(bytes, []).Text.ShouldBe(Encoding.UTF8.GetString(bytes)));

    [Fact]
    public void A_piece_never_splits_a_code_point() =>
        Gen.String[0, 40].Select(s => new string([.. s.EnumerateRunes().SelectMany(r => r.ToString())])).Sample(text =>
            Run(Encoding.UTF8.GetBytes(text), []).Pieces.ShouldAllBe(p => p.EnumerateRunes().All(r => r.Value != 0xFFFD) || text.Contains('\uFFFD')));

    [Fact]
    public void Text_ends_before_the_first_stop_sequence_and_nothing_of_it_leaks() =>
        Gen.Select(Gen.Char["abc"].Array[0, 30], Gen.Char["abc"].Array[1, 4].Array[1, 3]).Sample((chars, stopChars) =>
        {
            string text = new(chars);
            string[] stops = [.. stopChars.Select(s => new string(s))];
            // The oracle feeds one byte at a time as well: the stop that completes first ends the answer, and of those the one that begins first.
            int cut = text.Length;
            for (int length = 1; length <= text.Length && cut == text.Length; length++)
            {
                var met = stops.Where(s => text[..length].EndsWith(s, StringComparison.Ordinal)).ToArray();
                if (met.Length > 0)
                    cut = length - met.Max(s => s.Length);
            }

            bool stopped = stops.Any(s => text.Contains(s, StringComparison.Ordinal));
            var run = Run(Encoding.UTF8.GetBytes(text), stops);
            run.Text.ShouldBe(text[..(stopped ? cut : text.Length)]);
            run.Stopped.ShouldBe(stopped);
        });

    [Fact]
    public void What_may_become_a_stop_sequence_is_held_back_until_it_cannot()
    {
        var answer = new AnswerText(Bytes, ["END"]);
        answer.Append('a').ShouldBe("a");
        answer.Append('E').ShouldBe("");
        answer.Append('N').ShouldBe("");
        answer.Append('x').ShouldBe("ENx");
        answer.Append('E').ShouldBe("");
        answer.Finish().ShouldBe("E");
    }

    [Fact]
    public void Special_tokens_have_no_text()
    {
        var answer = new AnswerText(Bytes, []);
        answer.Append(Bytes.EndToken).ShouldBe("");
        answer.Finish().ShouldBe("");
    }

    private static (string Text, List<string> Pieces, bool Stopped) Run(byte[] bytes, string[] stops)
    {
        var answer = new AnswerText(Bytes, stops);
        var pieces = new List<string>();
        foreach (byte b in bytes)
        {
            pieces.Add(answer.Append(b));
            if (answer.Stopped)
                break;
        }

        pieces.Add(answer.Finish());
        string text = string.Concat(pieces);
        text.ShouldBe(answer.Released);
        return (text, pieces, answer.Stopped);
    }
}
