using Orchestrator.Cli;
using Orchestrator.Local;

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
}

/// <summary>One gateway that is the relay too.</summary>
public sealed class GatewayRelayFixture : NetworkFixture
{
    protected override int Gateways => 1;

    protected override bool Relay => true;
}
