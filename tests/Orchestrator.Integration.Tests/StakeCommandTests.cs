using System.Text.Json.Nodes;

namespace Orchestrator.Integration.Tests;

[Collection(nameof(OneAtATime))]
public sealed class StakeCommandTests(OneNodeNetwork network) : IClassFixture<OneNodeNetwork>
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Stake_that_is_unbonded_is_paid_out_to_its_host_once_its_time_has_passed()
    {
        var node = network.Network.Plan.Nodes[0];
        await network.Client.PostAsync($"api/accounts/{node.Host}/credit", new JsonObject { ["event_id"] = "for-a-bond", ["amount"] = 1_000 }, Cancel);
        (await network.RunAsync(null, "stake", "bond", node.Id.Value, "1000")).ExitCode.ShouldBe(0);
        (await network.RunAsync(null, "stake", "unbond", node.Id.Value, "400", "--confirm", node.Id.Value)).ExitCode.ShouldBe(0);
        (await AvailableAsync()).ShouldBe(0);

        var paid = await NetworkFixture.UntilAsync("the stake", _ => network.RunAsync(null, "stake", "withdraw", node.Id.Value, "--event-id", "all"), r => r.ExitCode == 0);
        var again = await network.RunAsync(null, "stake", "withdraw", node.Id.Value, "--event-id", "all", "-o", "json");

        paid.Out.ShouldContain("withdraw: 400 micro-credits");
        paid.Out.ShouldContain("600 micro-credits bonded");
        $"{JsonNode.Parse(again.Out)!["status"]}".ShouldBe("duplicate");
        (await NetworkFixture.UntilAsync("the money", _ => AvailableAsync(), a => a > 0)).ShouldBe(400);

        async Task<long> AvailableAsync() => (long)(await network.Client.GetAsync($"api/accounts/{node.Host}", Cancel))["available"]!;
    }

    [Fact]
    public async Task The_bond_that_deters_is_said_with_what_it_follows_from()
    {
        string[] asked = ["economics", "bond", "--price", "100", "--load", "60", "--window", "00:10:00"];

        var said = await network.RunAsync(null, [.. asked, "--detection", "0.05", "--stake", "1"]);
        var json = await network.RunAsync(null, [.. asked, "--detection", "0.05", "-o", "json"]);
        var impossible = await network.RunAsync(null, [.. asked, "--detection", "1"]);

        said.ExitCode.ShouldBe(0, said.Err);
        foreach (string word in (string[])[$"{(long)JsonNode.Parse(json.Out)!["bond"]!:N0} micro-credits", "10.0 open jobs", "cheating gains up to"])
            said.Out.ShouldContain(word);
        (impossible.ExitCode, impossible.Err.Trim().Split('\n').Length).ShouldBe((1, 1), impossible.Err);
        impossible.Err.ShouldContain("'detection' can be at most");
    }
}
