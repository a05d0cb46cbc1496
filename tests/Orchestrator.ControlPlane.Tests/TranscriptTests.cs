using Orchestrator.Contracts;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.ControlPlane.Streaming;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>What was handed on, and what a second chain may add to it.</summary>
public sealed class TranscriptTests
{
    private static readonly ITokenizer Bytes = new ByteTokenizer(TokenizerSpec.ByteDefault);

    [Fact]
    public void A_second_chain_repeats_nothing_and_goes_on()
    {
        var transcript = new Transcript(1);
        transcript.Take(Event('a', "a"), 0).ShouldBeTrue();

        transcript.Take(Event('a', "a"), 0).ShouldBeFalse();
        transcript.Take(Event('b', "b"), 1).ShouldBeTrue();

        transcript.Text(0).ShouldBe("ab");
    }

    [Fact]
    public void A_chain_that_contradicts_what_was_handed_on_is_refused()
    {
        var transcript = new Transcript(1);
        transcript.Take(Event('a', "a"), 0);

        Should.Throw<InvalidDataException>(() => transcript.Take(Event('b', "b"), 0));
    }

    [Fact]
    public void An_agreed_answer_completes_what_was_handed_on()
    {
        var transcript = new Transcript(1);
        transcript.Take(Event('a', "a"), 0);

        transcript.Complete(0, new ChoiceResult(['a', 'b', 259], "ab", FinishReason.Stop))!.Text.ShouldBe("b");

        transcript.IsComplete.ShouldBeTrue();
        transcript.Complete(0, new ChoiceResult(['a', 'b', 259], "ab", FinishReason.Stop)).ShouldBeNull();
    }

    [Theory]
    [InlineData("b", FinishReason.Stop)]
    [InlineData("a", FinishReason.Length)]
    [InlineData("ab", FinishReason.Stop)]
    public void An_agreed_answer_that_differs_is_noticed(string agreed, FinishReason reason)
    {
        var transcript = new Transcript(1);
        transcript.Take(Event('a', "a") with { FinishReason = FinishReason.Stop }, 0);

        Should.Throw<InvalidDataException>(() => transcript.Complete(0, new ChoiceResult([.. agreed.Select(c => (int)c)], agreed, reason)));
    }

    [Fact]
    public void An_edge_cannot_stream_more_than_was_asked_for()
    {
        var transcript = new Transcript(1, mostTokens: 2);
        transcript.Take(Event('a', "a"), 0);
        transcript.Take(Event('b', "b"), 1);

        Should.Throw<InvalidDataException>(() => transcript.Take(Event('c', "c"), 2));

        transcript.Take(Event('c', "") with { Draw = null, FinishReason = FinishReason.Length }, 2).ShouldBeTrue();
    }

    [Fact]
    public void Nothing_follows_the_end_of_a_choice()
    {
        var transcript = new Transcript(2);
        transcript.Take(Event('a', "a") with { FinishReason = FinishReason.Stop }, 0);

        Should.Throw<InvalidDataException>(() => transcript.Take(Event('b', "b"), 1));
        transcript.IsComplete.ShouldBeFalse();
    }

    [Fact]
    public void Log_probabilities_wait_for_their_text()
    {
        var queue = new LogProbQueue(Bytes);

        queue.Take(Event(0xC3, "")).ShouldBeEmpty();
        queue.Take(Event(0xA9, "é")).Select(d => d.Token).ShouldBe([0xC3, 0xA9]);
        queue.Take(Event(259, "")).ShouldBeEmpty();
    }

    [Fact]
    public void Tokens_of_a_stop_sequence_have_no_log_probabilities()
    {
        var queue = new LogProbQueue(Bytes);

        queue.Take(Event('a', "a")).Count.ShouldBe(1);
        queue.Take(Event('\n', "")).ShouldBeEmpty();
        queue.Take(new StreamEvent(2, 0, null, "", FinishReason.Stop, null, true)).ShouldBeEmpty();
    }

    [Fact]
    public void A_token_that_is_no_text_shows_its_bytes()
    {
        var text = new TokenText(Bytes);

        text.Of('A').ShouldBe("A");
        text.Of(0xC3).ShouldBe("bytes:\\xc3");
        text.Of(259).ShouldBe("<|259|>");
        text.Bytes(0xC3).ShouldBe([0xC3]);
    }

    private static StreamEvent Event(int token, string text) => new(0, 0, new TokenDraw(token, -1, []), text, null, null, false);
}
