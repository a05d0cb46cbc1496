using System.Net;
using Orchestrator.Contracts;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests;

public sealed class StreamTests
{
    [Fact]
    public async Task Events_carry_every_token_and_together_the_text()
    {
        await using var network = await TestNetwork.StartAsync(2, "Grüße 👋 world");
        var result = await network.AskAsync(network.Assignments("q"));
        var events = await network.ReadStreamAsync(result.Session);
        events.Select(e => e.Sequence).ShouldBe(Enumerable.Range(0, events.Count).Select(i => (long)i));
        string.Concat(events.Select(e => e.Text)).ShouldBe("Grüße 👋 world");
        events.Where(e => e.Draw is not null).Select(e => e.Draw!.Value.Token).ShouldBe(result.Choices[0].Tokens);
        events.ShouldAllBe(e => !e.Text.Contains('\uFFFD'));
        events[^1].ShouldSatisfyAllConditions(e => e.Last.ShouldBeTrue(), e => e.FinishReason.ShouldBe(FinishReason.Stop), e => e.Draw.ShouldBeNull());
        events.SkipLast(1).ShouldAllBe(e => !e.Last);
    }

    [Fact]
    public async Task A_reader_may_come_before_the_assignment()
    {
        await using var network = await TestNetwork.StartAsync(1, "early");
        var assignments = network.Assignments("q");
        var reading = network.ReadStreamAsync(assignments[0].Session);
        await network.AssignAsync(assignments);
        string.Concat((await reading).Select(e => e.Text)).ShouldBe("early");
    }

    [Fact]
    public async Task A_reader_that_leaves_stops_nothing_and_resumes_anywhere()
    {
        await using var network = await TestNetwork.StartAsync(2, "resumable");
        using var gate = Gate.AtDecode(network.Loaders[1], 7);
        var session = await network.AssignAsync(network.Assignments("q"));
        await gate.ReachedAsync();
        using (var response = await network.OpenStreamAsync(session))
        using (var reader = new StreamReader(await response.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken)))
            (await reader.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull();
        gate.Open();
        (await network.Bus.ResultAsync(session)).Failure.ShouldBeNull();
        var all = await network.ReadStreamAsync(session);
        for (int from = 0; from <= all.Count; from++)
            (await network.ReadStreamAsync(session, from)).Select(e => (e.Sequence, e.Text)).ShouldBe(all.Skip(from).Select(e => (e.Sequence, e.Text)));
    }

    [Fact]
    public async Task Only_the_sessions_token_reads_it()
    {
        await using var network = await TestNetwork.StartAsync(1, "x");
        var result = await network.AskAsync(network.Assignments("q"));
        (await network.OpenStreamAsync(result.Session, token: "guess")).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await network.OpenStreamAsync(result.Session, from: -1)).StatusCode.ShouldBe(HttpStatusCode.BadRequest);
    }

    [Fact]
    public async Task A_stop_sequence_across_tokens_ends_the_answer_before_it()
    {
        await using var network = await TestNetwork.StartAsync(2, "one, two, three");
        var result = await network.AskAsync(network.Assignments("q", change: a => a.Edge is null ? a : a with { Edge = a.Edge with { Stop = [", th", "zzz"] } }));
        result.Choices[0].Text.ShouldBe("one, two");
        result.Choices[0].FinishReason.ShouldBe(FinishReason.Stop);
        var events = await network.ReadStreamAsync(result.Session);
        string.Concat(events.Select(e => e.Text)).ShouldBe("one, two");
        await network.ShouldBeFreeAsync();
    }

    [Fact]
    public async Task The_end_token_is_passed_over_on_request()
    {
        await using var network = await TestNetwork.StartAsync(1, "abc");
        var result = await network.AskAsync(network.Assignments("q", completion: 10, change: a => a with { Edge = a.Edge! with { IgnoreEnd = true } }));
        result.Choices[0].Tokens.Count.ShouldBe(10);
        result.Choices[0].FinishReason.ShouldBe(FinishReason.Length);
    }
}
