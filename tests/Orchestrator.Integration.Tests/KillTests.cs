using Orchestrator.Cli;
using Orchestrator.Local;

namespace Orchestrator.Integration.Tests;

/// <summary>
/// <c>kill -9</c> of every process in the middle of a job. The job ends with the right answer or a clear failure, nothing hangs, money is
/// conserved to the unit, no session and no process is left behind, and the network serves again.
/// </summary>
[Collection(nameof(OneAtATime))]
public sealed class KillTests(NetworkFixture fixture) : IClassFixture<NetworkFixture>
{
    private const string Question = "Count from 3 to 20.";
    private const int MaxTokens = 96;

    private DateTimeOffset killedAt;

    public static TheoryData<string> Processes =>
        [LocalNetwork.SidecarName, LocalNetwork.ControlPlaneName, .. Enumerable.Range(1, NetworkFixture.Stages * NetworkFixture.Chains).Select(n => $"node-{n}")];

    [Theory]
    [MemberData(nameof(Processes))]
    public async Task A_killed_process_costs_neither_the_answer_nor_the_money(string process)
    {
        var cancel = TestContext.Current.CancellationToken;
        int before = fixture.Network.Processes.Running[process];
        string expected = fixture.Uncut.Answer(Question, MaxTokens).Text;

        string? answer = await AskAndKillAsync(process, cancel);

        if (answer is not null)
            answer.ShouldBe(expected);
        await NetworkFixture.UntilAsync($"a new {process}", _ => Task.FromResult(fixture.Network.Processes.Running[process]), pid => pid != before);
        (await AnswerAgainAsync()).ShouldBe(expected);
        await EveryJobEndsAsync();
        await NetworkFixture.UntilAsync("no open session", async c => await OpenSessionsAsync(c), sessions => sessions == 0);
        await NetworkFixture.UntilAsync("conserved money", fixture.TotalMoneyAsync, total => total == NetworkFixture.InitialCredit);
        fixture.Network.Processes.Running.Count.ShouldBe(NetworkFixture.Stages * NetworkFixture.Chains + 2);
        await WholeAgainAsync();
    }

    /// <summary>The next process is killed in an answer too, and what came of this one must not have failed that before its first word.</summary>
    private async Task WholeAgainAsync()
    {
        await NetworkFixture.UntilAsync(
            "word of every node",
            cancel => fixture.Client.GetAsync("api/nodes", cancel),
            list => list["nodes"]!.AsArray().All(n =>
                n!["last_seen"]!.GetValue<DateTimeOffset>() > killedAt && n["shards"]!.AsArray() is { Count: > 0 } shards && shards.All(s => $"{s!["state"]}" == "ready")));
        await new ModelPublisher(fixture.Client, TimeProvider.System).WaitReadyAsync(BundledModel.Name, NetworkFixture.Chains, TestContext.Current.CancellationToken);
    }

    /// <summary>The answer, or null when the request failed clearly.</summary>
    private async Task<string?> AskAndKillAsync(string process, CancellationToken cancel)
    {
        bool killed = false;
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancel);
        limit.CancelAfter(TimeSpan.FromMinutes(3));
        try
        {
            var stream = await ChatStream.RunAsync(
                fixture.Client,
                NetworkFixture.Chat(Question, MaxTokens),
                _ =>
                {
                    if (killed)
                        return;
                    fixture.Network.Processes.Kill(process);
                    killed = true;
                    killedAt = TimeProvider.System.GetUtcNow();
                },
                limit.Token);
            return stream.Text;
        }
        catch (Exception e) when (e is CliException or HttpRequestException or IOException)
        {
            e.Message.ShouldNotBeNullOrWhiteSpace();
            return null;
        }
        finally
        {
            killed.ShouldBeTrue($"{process} was never killed: no text came");
        }
    }

    private Task<string> AnswerAgainAsync() => NetworkFixture.UntilAsync(
        "an answer after the restart",
        async cancel => (await ChatStream.RunAsync(fixture.Client, NetworkFixture.Chat(Question, MaxTokens), _ => { }, cancel)).Text,
        text => text.Length > 0);

    private Task EveryJobEndsAsync() => NetworkFixture.UntilAsync(
        "every job ended",
        cancel => fixture.Client.GetAsync("api/jobs", cancel),
        list => list["jobs"]!.AsArray().All(job => $"{job!["status"]}" is "completed" or "failed" or "cancelled"));

    private async Task<int> OpenSessionsAsync(CancellationToken cancel) =>
        (await fixture.Client.GetAsync("api/nodes", cancel))["nodes"]!.AsArray().Sum(node => node!["active_sessions"]!.GetValue<int>());
}
