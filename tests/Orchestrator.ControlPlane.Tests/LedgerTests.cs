using System.Net;
using System.Text.Json;
using Dapr.Actors.Client;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Actors;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Core.Accounts;
using Orchestrator.Core.Audits;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>The books of the whole network over HTTP: they close after every kind of job, and what came too late waits for a person.</summary>
public sealed class LedgerTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_books_close_over_jobs_of_every_assurance_bonds_and_a_slashed_cheater()
    {
        // Bonded nodes are audited less: here every stage is.
        await using var platform = await Platform.StartAsync(configure: o => o with { Audits = o.Audits with { Policy = AuditPolicy.Default with { Floor = 1 } } });
        foreach (var node in platform.Network.Nodes)
        {
            await CreditAsync(platform, node.Host, 5_000, $"{node.Id}");
            (await PostAsync(platform, $"/api/nodes/{node.Id}/stake/bond", """{"amount":2000}""")).Status.ShouldBe(HttpStatusCode.OK);
        }

        (await PostAsync(platform, $"/api/nodes/{platform.Network.Nodes[0].Id}/stake/unbond", """{"amount":500}""")).Status.ShouldBe(HttpStatusCode.OK);
        foreach (string assurance in (string[])["none", "sampled", "redundant:2", "optimistic"])
            await RunAsync(platform, assurance);
        platform.Network.Behave = _ => new Script { Falsifies = stage => stage == 1 };
        var overturned = await RunAsync(platform, "sampled");
        overturned.GetProperty("status").GetString().ShouldBe("overturned");

        await platform.ShouldCloseAsync();

        JsonElement balance = default;
        // Whoever had to repeat a payment may not have confirmed it when the jobs end.
        await Eventually.Holds(
            async () => (balance = await platform.GetAsync<JsonElement>("/api/ledger/balance")).GetProperty("in_flight_count").GetInt32() == 0, () => balance.GetRawText());
        balance.GetProperty("closes").GetBoolean().ShouldBeTrue(balance.GetRawText());
        balance.GetProperty("difference").GetInt64().ShouldBe(0);
        var lines = balance.GetProperty("lines").EnumerateArray().ToDictionary(l => l.GetProperty("class").GetString()!, l => l.GetProperty("debit").GetInt64() + l.GetProperty("credit").GetInt64());
        lines["stake"].ShouldBePositive();
        lines["unbonding"].ShouldBePositive();
        lines["burned"].ShouldBePositive("a cheater was slashed");
        lines["refunds"].ShouldBePositive();
        lines["protocol"].ShouldBePositive();
        lines["escrow"].ShouldBe(0);
        balance.GetProperty("debit").GetInt64().ShouldBe(balance.GetProperty("credit").GetInt64());
    }

    [Theory]
    [InlineData("write_off", 0)]
    [InlineData("return", 100)]
    [InlineData("repay", 0)]
    public async Task A_payout_that_came_too_late_is_in_suspense_until_a_person_ends_it(string end, long back)
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1, o => o with { DefaultChains = 1 });
        var actors = platform.Services.GetRequiredService<IActorProxyFactory>();
        var now = platform.Clock.GetUtcNow();
        await CreditAsync(platform, "late-payer", 100);
        var payer = actors.Account("late-payer");
        await payer.HoldAsync(new Hold("old", 100, now.AddHours(1)));
        var settled = await payer.SettleAsync(new Settlement("old", [new Payout("old:host", "late-host", 100)], now.AddDays(-10)));
        if (end == "write_off")
            await actors.Account("late-host").CreditAsync(new Credit("old:host", 100, "", settled.IssuedAt, "account:late-payer"));
        await actors.Account("late-host").CreditAsync(new Credit("new", 1, "", now));

        await actors.DeliverAsync("late-payer", settled, "late");

        var balance = await platform.GetAsync<JsonElement>("/api/ledger/balance");
        var waiting = balance.GetProperty("suspense").EnumerateArray().ShouldHaveSingleItem();
        (waiting.GetProperty("id").GetString(), waiting.GetProperty("from").GetString(), waiting.GetProperty("to").GetString(), waiting.GetProperty("reason").GetString())
            .ShouldBe(("old:host", "account:late-payer", "account:late-host", "too_old"));
        balance.GetProperty("closes").GetBoolean().ShouldBeTrue(balance.GetRawText());
        balance.GetProperty("suspense_arrived").GetInt64().ShouldBe(end == "write_off" ? 100 : 0);

        var after = await PostAsync(platform, "/api/ledger/suspense", $$"""{"id":"old:host","from":"account:late-payer","end":"{{end}}"}""");

        after.Status.ShouldBe(HttpStatusCode.OK, after.Json.GetRawText());
        after.Json.GetProperty("closes").GetBoolean().ShouldBeTrue(after.Json.GetRawText());
        after.Json.GetProperty("suspense_count").GetInt32().ShouldBe(0);
        (await payer.GetAsync()).ShouldSatisfyAllConditions(a => a.Available.ShouldBe(back), a => a.InFlight.ShouldBe(0));
        (await actors.Account("late-host").GetAsync()).Available.ShouldBe(back == 0 ? 101 : 1);
        (await PostAsync(platform, "/api/ledger/suspense", $$"""{"id":"none","from":"account:late-payer","end":"{{end}}"}""")).Status.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_loss_shows_and_only_admins_see_the_books()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1, o => o with { DefaultChains = 1 });
        using var user = platform.Client();
        (await user.GetAsync("/api/ledger/balance", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Forbidden);
        // A credit that claims to come from an account which never paid it, long enough ago to be no news.
        var actors = platform.Services.GetRequiredService<IActorProxyFactory>();
        await actors.Account("forger").CreditAsync(new Credit("made up", 7, "", platform.Clock.GetUtcNow(), "account:nobody"));

        var seen = await platform.GetAsync<JsonElement>("/api/ledger/balance");

        var made = seen.GetProperty("in_flight").EnumerateArray().ShouldHaveSingleItem();
        (made.GetProperty("id").GetString(), made.GetProperty("state").GetString(), made.GetProperty("amount").GetInt64()).ShouldBe(("made up", "arrived", 7));
        (await PostAsync(platform, "/api/ledger/suspense", """{"id":"x","from":"nowhere","end":"return"}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(platform, "/api/ledger/suspense", """{"id":"x","from":"stake:n","end":"return"}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(platform, "/api/ledger/suspense", """{"id":"x","from":"stake:n","end":"repay"}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
        (await PostAsync(platform, "/api/ledger/suspense", $$"""{"id":"x","from":"stake:{{platform.Network.Nodes[0].Id}}","end":"return"}""")).Status.ShouldBe(HttpStatusCode.BadRequest);
    }

    private static async Task<JsonElement> RunAsync(Platform platform, string assurance)
    {
        using var client = platform.Client();
        using var submitted = await client.PostAsync(
            "/api/jobs",
            Platform.Json($$"""{"model":"{{platform.Model.Manifest.Name}}","messages":[{"role":"user","content":"{{assurance}}"}],"max_tokens":20,"orchestrator":{"assurance":"{{assurance}}"} }"""),
            Cancel);
        submitted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await submitted.Content.ReadAsStringAsync(Cancel));
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        await platform.Workflows.WaitForCompletionAsync(job, Cancel).WaitAsync(TimeSpan.FromSeconds(90), Cancel);
        return await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
    }

    private static async Task CreditAsync(Platform platform, string account, long amount, string id = "fund") =>
        (await PostAsync(platform, $"/api/accounts/{account}/credit", $$"""{"event_id":"{{id}}","amount":{{amount}}}""")).Status.ShouldBe(HttpStatusCode.OK);

    private static async Task<(HttpStatusCode Status, JsonElement Json)> PostAsync(Platform platform, string path, string body)
    {
        using var client = platform.Client(Platform.AdminKey);
        using var response = await client.PostAsync(path, Platform.Json(body), Cancel);
        return (response.StatusCode, JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement);
    }
}
