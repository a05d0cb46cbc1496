using System.Net;
using System.Text.Json;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>What requests ask for, what they are told beforehand, and what becomes of honest answers.</summary>
public sealed class AssuranceTests(SharedPlatform shared) : IClassFixture<SharedPlatform>
{
    private Platform Platform => shared.Platform;

    private CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Every_assurance_is_quoted_before_it_runs()
    {
        using var client = Platform.Client();
        using var response = await client.PostAsync("/api/quotes", Body("what will it cost?", "\"redundant:3\""), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancel));
        var quote = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement;
        quote.GetProperty("requested").GetString().ShouldBe("redundant:3");
        var quotes = quote.GetProperty("quotes").EnumerateArray().ToDictionary(q => q.GetProperty("assurance").GetString()!);
        quotes.Keys.ShouldBe(["redundant:3", "none", "sampled", "redundant:2", "optimistic"], ignoreOrder: true);
        long none = quotes["none"].GetProperty("price").GetInt64();
        quotes["redundant:3"].GetProperty("price").GetInt64().ShouldBe(3 * none);
        quotes["none"].GetProperty("detection").GetDouble().ShouldBe(0);
        quotes["sampled"].GetProperty("detection").GetDouble().ShouldBe(.8 * .99, 1e-6, "nodes without a stake are audited every time");
        quotes["sampled"].GetProperty("auditors").GetInt32().ShouldBe(2, "of three chains");
        quotes["none"].GetProperty("auditors").ValueKind.ShouldBe(JsonValueKind.Null);
        quotes["redundant:2"].GetProperty("detection").GetDouble().ShouldBeGreaterThan(quotes["sampled"].GetProperty("detection").GetDouble());
        quotes["optimistic"].GetProperty("extra_milliseconds_to_final").GetInt64().ShouldBe(1_000);
        Platform.Network.Assignments.Items.ShouldNotContain(a => a.Edge != null && a.Edge.Prompt.Messages![0].Content == "what will it cost?");
    }

    [Fact]
    public async Task Audits_that_nobody_could_do_are_quoted_as_nothing()
    {
        await using var small = await Kit.Platform.StartAsync(nodes: 4, chains: 1);
        using var client = small.Client();
        using var response = await client.PostAsync("/api/quotes", Body("what is it worth?", "\"sampled\""), Cancel);

        var sampled = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("quotes")[0];
        sampled.GetProperty("auditors").GetInt32().ShouldBe(0);
        sampled.GetProperty("detection").GetDouble().ShouldBe(0);
        sampled.GetProperty("extra_milliseconds_to_final").GetInt64().ShouldBe(2_000, "an auditor is looked for as long as the platform's patience lasts");
    }

    [Fact]
    public async Task A_class_that_too_few_hosts_have_gets_no_checked_work()
    {
        await using var small = await Kit.Platform.StartAsync(nodes: 4, chains: 1, configure: o => o with { Audits = o.Audits with { LeastClassHosts = 5 } });
        using var client = small.Client();

        using var refused = await client.PostAsync("/v1/chat/completions", Body("check me", "\"sampled\""), Cancel);
        using var taken = await client.PostAsync("/v1/chat/completions", Body("just answer", "\"none\""), Cancel);

        (await refused.Content.ReadAsStringAsync(Cancel)).ShouldContain("of an execution class that no referee and too few hosts have");
        refused.IsSuccessStatusCode.ShouldBeFalse();
        taken.StatusCode.ShouldBe(HttpStatusCode.OK, await taken.Content.ReadAsStringAsync(Cancel));
    }

    [Theory]
    [InlineData("\"trust me\"", "none, sampled, redundant:k")]
    [InlineData("\"redundant:9\"", "none, sampled, redundant:k")]
    [InlineData("\"none\",\"chains\":3", "redundant:3")]
    [InlineData("\"sampled\",\"webhook\":\"http://10.0.0.1/\"", "https")]
    public async Task What_cannot_be_asked_for_is_refused_with_what_can(string assurance, string fix)
    {
        using var client = Platform.Client();
        using var response = await client.PostAsync("/v1/chat/completions", Body("no", assurance), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain(fix);
    }

    [Fact]
    public async Task Answers_of_one_unchecked_chain_are_final_at_once()
    {
        var (answer, _) = await AskAsync("just one", "\"none\"");

        Assurance(answer).GetProperty("finality").GetString().ShouldBe("final");
        Assurance(answer).GetProperty("achieved").GetString().ShouldBe("none");
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_drawn_sampled_answer_is_delivered_provisional_and_final_once_its_audits_pass()
    {
        var (answer, job) = await AskAsync("sample me", "\"sampled\"");

        Assurance(answer).GetProperty("finality").GetString().ShouldBe("provisional");
        Assurance(answer).TryGetProperty("lottery", out var hidden).ShouldBe(hidden.ValueKind == JsonValueKind.Null, "auditors could learn which audits are planted");
        var view = await EndAsync(job);
        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        view.GetProperty("checks").EnumerateArray().Select(c => c.GetProperty("verdict").GetString()).ShouldBe(Enumerable.Repeat("passed", 4));
        var lottery = view.GetProperty("orchestrator").GetProperty("assurance").GetProperty("lottery");
        lottery.GetProperty("signature").GetString()!.Length.ShouldBe(128);
        lottery.GetProperty("stages").EnumerateArray().ShouldAllBe(s => s.GetProperty("audited").GetBoolean() && s.GetProperty("rate").GetDouble() == 1);
        view.GetProperty("charged").GetInt64().ShouldBeGreaterThan(0);
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task An_optimistic_answer_is_final_when_its_window_is_over()
    {
        var (answer, job) = await AskAsync("trust but verify", "\"optimistic\"");

        Assurance(answer).GetProperty("finality").GetString().ShouldBe("provisional");
        Assurance(answer).GetProperty("final_at").ValueKind.ShouldBe(JsonValueKind.String);
        var view = await EndAsync(job);
        view.GetProperty("finality").GetString().ShouldBe("final", view.GetRawText());
        view.GetProperty("status").GetString().ShouldBe("completed");
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task The_events_of_a_job_tell_when_its_answer_becomes_final()
    {
        Platform.Network.Behave = _ => Script.Honest;
        using var client = Platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body("follow me", "\"optimistic\""), Cancel);
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();

        string events = await Eventually.Gets(client.GetStringAsync($"/api/jobs/{job}/events", Cancel), () => "the events do not end");

        events.ShouldContain("\"finality\":\"provisional\"");
        events.TrimEnd().Split("\n\n")[^1].ShouldContain("\"finality\":\"final\"");
        await Platform.ShouldBalanceAsync();
    }

    private static JsonElement Assurance(JsonElement answer) => answer.GetProperty("orchestrator").GetProperty("assurance");

    private async Task<(JsonElement Answer, string Job)> AskAsync(string question, string assurance)
    {
        Platform.Network.Behave = _ => Script.Honest;
        using var client = Platform.Client();
        using var response = await client.PostAsync("/v1/chat/completions", Body(question, assurance), Cancel);
        string body = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, body);
        return (JsonDocument.Parse(body).RootElement, response.Headers.GetValues("x-orchestrator-job").Single());
    }

    private async Task<JsonElement> EndAsync(string job)
    {
        await Eventually.Gets(Platform.Workflows.WaitForCompletionAsync(job, Cancel), () => "the job does not end");
        return await Platform.GetAsync<JsonElement>($"/api/jobs/{job}", Kit.Platform.UserKey);
    }

    private StringContent Body(string question, string assurance) => Kit.Platform.Json(
        $$$"""{"model":"{{{Platform.Model.Manifest.Name}}}","messages":[{"role":"user","content":"{{{question}}}"}],"max_tokens":60,"orchestrator":{"assurance":{{{assurance}}}}}""");
}
