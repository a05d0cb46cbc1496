using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Local;

namespace Orchestrator.Integration.Tests;

/// <summary>
/// A network whose nodes say of no address that they can be dialled at it: data plane, streams and evidence all go through the relay process.
/// </summary>
[Collection(nameof(OneAtATime))]
public sealed class RelayTests(RelayedFixture fixture) : IClassFixture<RelayedFixture>
{
    private const string Question = "Count from 3 to 20.";
    private const int MaxTokens = 96;

    [Fact]
    public async Task Chains_that_meet_only_at_the_relay_answer_as_the_uncut_model()
    {
        var cancel = TestContext.Current.CancellationToken;
        var nodes = (await fixture.Client.GetAsync("api/nodes", cancel))["nodes"]!.AsArray();
        nodes.Count.ShouldBe(NetworkFixture.Stages * NetworkFixture.Chains);
        nodes.ShouldAllBe(n => $"{n!["reach"]}" == "relay" && $"{n["data_endpoint"]}" == "" && $"{n["stream_endpoint"]}".Contains(".relay.invalid"));

        string text = (await ChatStream.RunAsync(fixture.Client, NetworkFixture.Chat(Question, MaxTokens), _ => { }, cancel)).Text;

        text.ShouldBe(fixture.Uncut.Answer(Question, MaxTokens).Text);
    }

    [Fact]
    public async Task A_relay_that_is_killed_in_an_answer_loses_no_job_and_no_money()
    {
        var cancel = TestContext.Current.CancellationToken;
        string expected = fixture.Uncut.Answer(Question, MaxTokens).Text;
        int before = fixture.Network.Processes.Running[LocalNetwork.RelayName];

        string? answer = await AskAndKillAsync(cancel);

        if (answer is not null)
            answer.ShouldBe(expected);
        await NetworkFixture.UntilAsync("a new relay", _ => Task.FromResult(fixture.Network.Processes.Running[LocalNetwork.RelayName]), pid => pid != before);
        string again = await NetworkFixture.UntilAsync(
            "an answer after the restart",
            async c => (await ChatStream.RunAsync(fixture.Client, NetworkFixture.Chat(Question, MaxTokens), _ => { }, c)).Text,
            text => text.Length > 0);
        again.ShouldBe(expected);
        await NetworkFixture.UntilAsync(
            "every job ended",
            c => fixture.Client.GetAsync("api/jobs", c),
            list => list["jobs"]!.AsArray().All(job => $"{job!["status"]}" is "completed" or "failed" or "cancelled"));
        await NetworkFixture.UntilAsync("conserved money", fixture.TotalMoneyAsync, total => total == NetworkFixture.InitialCredit);
    }

    /// <summary>The answer, or null when the request failed clearly.</summary>
    private async Task<string?> AskAndKillAsync(CancellationToken cancel)
    {
        bool killed = false;
        try
        {
            JsonObject request = NetworkFixture.Chat(Question, MaxTokens);
            return (await ChatStream.RunAsync(
                fixture.Client,
                request,
                _ =>
                {
                    if (!killed)
                        fixture.Network.Processes.Kill(LocalNetwork.RelayName);
                    killed = true;
                },
                cancel)).Text;
        }
        catch (Exception e) when (e is CliException or HttpRequestException or IOException)
        {
            e.Message.ShouldNotBeNullOrWhiteSpace();
            return null;
        }
        finally
        {
            killed.ShouldBeTrue("the relay was never killed: no text came");
        }
    }
}

/// <summary>The shared network, reached through a relay only.</summary>
public sealed class RelayedFixture : NetworkFixture
{
    protected override bool Relay => true;
}
