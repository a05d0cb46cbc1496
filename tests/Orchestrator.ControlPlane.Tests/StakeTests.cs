using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Core.Stake;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Stake over HTTP, and what it does to planning.</summary>
public sealed class StakeTests : IAsyncLifetime
{
    private Platform platform = null!;

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public async ValueTask InitializeAsync() => platform = await Platform.StartAsync(nodes: 5, chains: 1, o => o with { DefaultChains = 1 });

    public ValueTask DisposeAsync() => platform.DisposeAsync();

    [Fact]
    public async Task A_bond_moves_the_hosts_money_once_and_shows_in_the_node()
    {
        var node = platform.Network.Nodes[0];
        await FundAsync(node.Host, 1_000);

        (await PostAsync(node.Id, "bond", """{"amount":600,"event_id":"first"}""")).Json.GetProperty("status").GetString().ShouldBe("applied");
        await PostAsync(node.Id, "bond", """{"amount":600,"event_id":"first"}""");

        var account = await platform.AccountAsync(node.Host);
        (account.Available, account.Held, account.InFlight).ShouldBe((400, 0, 0));
        var view = await platform.GetAsync<JsonElement>($"/api/nodes/{node.Id}");
        view.GetProperty("standing").GetProperty("bonded").GetInt64().ShouldBe(600);
        var trust = view.GetProperty("trust");
        trust.GetProperty("stake").GetProperty("owner").GetString().ShouldBe(node.Host);
        trust.GetProperty("stake").GetProperty("history")[0].GetProperty("kind").GetString().ShouldBe("bonded");
        var score = trust.GetProperty("correctness");
        score.GetProperty("distance").GetDouble().ShouldBe(score.GetProperty("score").GetDouble() - score.GetProperty("threshold").GetDouble());
    }

    [Fact]
    public async Task Only_the_account_that_operates_a_node_may_move_its_stake()
    {
        var node = platform.Network.Nodes[0];

        (await PostAsync(node.Id, "bond", """{"amount":1}""", Platform.UserKey)).Status.ShouldBe(HttpStatusCode.Forbidden);
        (await PostAsync(node.Id, "unbond", """{"amount":1}""", Platform.UserKey)).Status.ShouldBe(HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task A_dry_run_says_what_would_happen_and_changes_nothing()
    {
        var node = platform.Network.Nodes[0];
        await FundAsync(node.Host, 1_000);
        await PostAsync(node.Id, "bond", """{"amount":600}""");

        var (_, json) = await PostAsync(node.Id, "unbond?dry_run=true", """{"amount":200}""");

        json.GetProperty("status").GetString().ShouldBe("dry_run");
        json.GetProperty("stake").GetProperty("bonded").GetInt64().ShouldBe(400);
        json.GetProperty("stake").GetProperty("unbonding")[0].GetProperty("amount").GetInt64().ShouldBe(200);
        (await platform.GetAsync<JsonElement>($"/api/nodes/{node.Id}")).GetProperty("standing").GetProperty("bonded").GetInt64().ShouldBe(600);
    }

    [Theory]
    [InlineData("bond", """{"amount":5000}""", "bond_refused")]
    [InlineData("bond", """{"amount":0}""", null)]
    [InlineData("unbond", """{"amount":601}""", "insufficient_stake")]
    [InlineData("withdraw", "{}", "insufficient_stake")]
    [InlineData("release", "{}", "not_jailed")]
    public async Task What_cannot_be_done_is_a_400_that_says_why(string action, string body, string? code)
    {
        var node = platform.Network.Nodes[0];
        await FundAsync(node.Host, 1_000);
        await PostAsync(node.Id, "bond", """{"amount":600}""");

        var (status, json) = await PostAsync(node.Id, action, body);

        status.ShouldBe(HttpStatusCode.BadRequest);
        json.GetProperty("error").GetProperty("code").GetString().ShouldBe(code);
        var account = await platform.AccountAsync(node.Host);
        (account.Available, account.Held, account.InFlight).ShouldBe((400, 0, 0));
    }

    [Fact]
    public async Task A_slashed_node_gets_no_more_work_at_once()
    {
        var first = Chain(await AskAsync());
        var slashed = NodeId.TryParse(first[0], out var id) ? id : default;

        var answer = await platform.Services.GetRequiredService<StakeDesk>().SlashAsync(
            slashed, new ProvenFault(new Slash("receipt:x:0", FaultKind.WrongResult, TimeProvider.System.GetUtcNow(), null, "proven"), [], "dispute-1", null), Cancel);

        answer.Status.ShouldBe(StakeStatus.Applied);
        var (status, json) = await TryAskAsync();
        (status == HttpStatusCode.OK ? Chain(json) : []).ShouldNotContain(first[0]);
        if (status != HttpStatusCode.OK)
            json.GetProperty("error").GetProperty("message").GetString().ShouldNotBeNull().ShouldContain("1 jailed");
        var view = await platform.GetAsync<JsonElement>($"/api/nodes/{slashed}");
        view.GetProperty("standing").GetProperty("barred").GetString().ShouldBe("jail");
        view.GetProperty("trust").GetProperty("slashes")[0].GetProperty("evidence_id").GetString().ShouldBe("receipt:x:0");
        view.GetProperty("trust").GetProperty("slashes")[0].GetProperty("fault").GetString().ShouldBe("wrong_result");
    }

    [Fact]
    public async Task The_bond_calculator_answers_with_what_the_bond_follows_from()
    {
        var view = await platform.GetAsync<JsonElement>("/api/economics/bond?price=100&load=60&window=600&detection=0.05&stake=1000000");

        long bond = view.GetProperty("bond").GetInt64();
        bond.ShouldBeGreaterThan(0);
        view.GetProperty("open_jobs").GetDouble().ShouldBe(10);
        var enough = await platform.GetAsync<JsonElement>($"/api/economics/bond?price=100&load=60&window=600&detection=0.05&stake={bond}");
        enough.GetProperty("best_gain").GetDouble().ShouldBeLessThanOrEqualTo(0);
        var less = await platform.GetAsync<JsonElement>($"/api/economics/bond?price=100&load=60&window=600&detection=0.05&stake={bond - 10}");
        less.GetProperty("best_gain").GetDouble().ShouldBeGreaterThan(0);
    }

    [Theory]
    [InlineData("price=100&load=60&window=600&detection=0.9", "detection")]
    [InlineData("price=-1&load=60&window=600&detection=0.1", "price")]
    [InlineData("price=1&window=600&detection=0.1", "load")]
    [InlineData("price=1&load=60&window=NaN&detection=0.1", "window")]
    public async Task The_bond_calculator_names_the_parameter_at_fault(string query, string param)
    {
        using var client = platform.Client();
        using var response = await client.GetAsync("/api/economics/bond?" + query, Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("error").GetProperty("param").GetString().ShouldBe(param);
    }

    private async Task FundAsync(string account, long amount)
    {
        using var client = platform.Client(Platform.AdminKey);
        (await client.PostAsync($"/api/accounts/{account}/credit", Platform.Json($$"""{"event_id":"fund","amount":{{amount}}}"""), Cancel)).EnsureSuccessStatusCode();
    }

    private async Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(NodeId node, string action, string body, string key = Platform.AdminKey)
    {
        using var client = platform.Client(key);
        using var response = await client.PostAsync($"/api/nodes/{node}/stake/{action}", Platform.Json(body), Cancel);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement);
    }

    private async Task<JsonElement> AskAsync()
    {
        var (status, json) = await TryAskAsync();
        status.ShouldBe(HttpStatusCode.OK, json.ToString());
        return json;
    }

    private async Task<(HttpStatusCode Status, JsonElement Json)> TryAskAsync()
    {
        using var client = platform.Client();
        using var response = await client.PostAsync(
            "/v1/chat/completions", Platform.Json($$"""{"model":"{{platform.Model.Manifest.Name}}","messages":[{"role":"user","content":"hi"}],"max_tokens":20}"""), Cancel);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement);
    }

    private static List<string> Chain(JsonElement answer) =>
        [.. answer.GetProperty("orchestrator").GetProperty("chains")[0].GetProperty("stages").EnumerateArray().Select(s => s.GetProperty("node").GetString()!)];
}
