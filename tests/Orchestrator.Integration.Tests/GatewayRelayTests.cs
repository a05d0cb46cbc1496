using System.Net.Http.Headers;
using System.Text;
using Orchestrator.Cli;
using Orchestrator.Local;
using Orchestrator.TestKit;

namespace Orchestrator.Integration.Tests;

/// <summary>A network whose nodes dial one gateway for everything: work, blobs, answers, and each other.</summary>
[Collection(nameof(OneAtATime))]
public sealed class GatewayRelayTests(GatewayRelayFixture fixture) : IClassFixture<GatewayRelayFixture>
{
    [Fact]
    public async Task Chains_that_meet_only_at_the_gateway_answer_as_the_uncut_model()
    {
        const string Question = "Count from 3 to 20.";
        const int MaxTokens = 96;
        var cancel = TestContext.Current.CancellationToken;
        fixture.Network.Processes.Running.ContainsKey(LocalNetwork.RelayName).ShouldBeFalse();
        var nodes = (await fixture.Client.GetAsync("api/nodes", cancel))["nodes"]!.AsArray();
        nodes.ShouldAllBe(n => $"{n!["reach"]}" == "relay");

        string text = (await ChatStream.RunAsync(fixture.Client, NetworkFixture.Chat(Question, MaxTokens), _ => { }, cancel)).Text;

        text.ShouldBe(fixture.Uncut.Answer(Question, MaxTokens).Text);
    }

    [Fact]
    public async Task The_trace_of_a_request_shows_both_ways_through_the_gateway()
    {
        const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
        var cancel = TestContext.Current.CancellationToken;
        using var http = new HttpClient { BaseAddress = fixture.Network.Endpoint };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(fixture.Network.ApiKeyFile, cancel)).Trim());
        request.Headers.Add("traceparent", $"00-{Trace}-00f067aa0ba902b7-01");
        request.Content = new StringContent(NetworkFixture.Chat("What is the capital of Norway?", 4).ToJsonString(), Encoding.UTF8, "application/json");
        (await http.SendAsync(request, cancel)).EnsureSuccessStatusCode();

        var all = await fixture.Collector.Spans.CompleteAsync(
            spans => spans.Count(Delivered) < NetworkFixture.Stages ? "an assignment's delivery to each node" : spans.Any(Published) ? null : "a published result", cancel);

        all.Where(s => s.Trace == Trace && s.Name is "deliver" or "publish").ShouldAllBe(s => s.Service == "orchestrator-gateway");

        static bool Delivered(CollectedSpan span) => span is { Trace: Trace, Name: "deliver" } && span["outcome"] == "accepted";
        static bool Published(CollectedSpan span) => span is { Trace: Trace, Name: "publish" } && span["topic"] == "results";
    }
}

/// <summary>One gateway that is the relay too.</summary>
public sealed class GatewayRelayFixture : CollectedNetwork
{
    protected override int Gateways => 1;

    protected override bool Relay => true;
}
