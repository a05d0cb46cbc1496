using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>What untrusted, slow and dying nodes can do to a request. Every test ends with balanced books.</summary>
public sealed class InferenceFaultTests(SharedPlatform shared) : IClassFixture<SharedPlatform>
{
    private Platform Platform => shared.Platform;

    private CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_agreeing_chains_are_paid_and_the_charge_is_split()
    {
        var answer = await AskAsync("price me", _ => Script.Honest);

        var info = answer.GetProperty("orchestrator");
        info.GetProperty("assurance").GetProperty("achieved").GetString().ShouldBe("redundant:2");
        info.GetProperty("assurance").GetProperty("chains_agreed").GetInt32().ShouldBe(2);
        long charged = info.GetProperty("price").GetProperty("charged").GetInt64();
        int tokens = answer.GetProperty("usage").GetProperty("total_tokens").GetInt32();
        charged.ShouldBe(tokens * 8L * 2);
        long earned = info.GetProperty("chains").EnumerateArray().SelectMany(c => c.GetProperty("stages").EnumerateArray()).Sum(s => s.GetProperty("earned").GetInt64());
        earned.ShouldBe(charged - charged * 500 / 10_000);
        info.GetProperty("chains").EnumerateArray().SelectMany(c => c.GetProperty("stages").EnumerateArray()).Select(s => s.GetProperty("host").GetString())
            .Distinct().Count().ShouldBe(8);
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_chain_that_lies_is_outvoted_by_a_third_and_not_paid()
    {
        var answer = await AskAsync("who lies", a => a.Chain == 1 ? new Script { Lie = t => t == 'Y' ? 'Z' : t } : Script.Honest);

        Text(answer).ShouldBe("You said: who lies.");
        var chains = answer.GetProperty("orchestrator").GetProperty("chains").EnumerateArray().Select(c => c.GetProperty("chain").GetInt32());
        chains.ShouldBe([0, 2]);
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_lying_chain_that_was_streamed_breaks_the_stream()
    {
        var (text, error, broken) = await StreamAsync("stream lies", a => a.Chain == 0 ? new Script { Lie = t => t == 'Y' ? 'Z' : t } : Script.Honest);

        text.ShouldStartWith("Zou");
        error.ShouldNotBeNull().ShouldContain("stream_mismatch");
        broken.ShouldBeTrue();
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_stream_that_differs_from_its_own_signed_result_is_not_answered_with()
    {
        var answer = await AskAsync("two faces", a => a.Chain == 0 ? new Script { LieInStreamOnly = true } : Script.Honest);

        Text(answer).ShouldBe("You said: two faces.");
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Chains_that_all_differ_fail_the_request_and_cost_nothing()
    {
        long before = (await Platform.AccountAsync("user")).Available;

        using var response = await PostAsync("babel", a => new Script { Lie = t => t == 'Y' ? 'A' + a.Chain : t });

        response.StatusCode.ShouldBe(HttpStatusCode.InternalServerError);
        (await response.Content.ReadAsStringAsync(Cancel)).ShouldContain("chains_disagree");
        await Platform.ShouldBalanceAsync();
        (await Platform.AccountAsync("user")).Available.ShouldBe(before);
    }

    [Fact]
    public async Task An_edge_that_dies_in_mid_stream_loses_and_repeats_no_token()
    {
        var (text, error, _) = await StreamAsync("failover", a => a is { Chain: 0, Attempt: 0 } ? new Script { DieAfter = 4 } : Script.Honest);

        error.ShouldBeNull();
        text.ShouldBe("You said: failover.");
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Edges_that_all_die_are_replaced_and_the_stream_goes_on()
    {
        var (text, error, _) = await StreamAsync("all die", a => a.Attempt == 0 ? new Script { DieAfter = 3 + a.Chain } : Script.Honest);

        error.ShouldBeNull();
        text.ShouldBe("You said: all die.");
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_connection_that_is_cut_again_and_again_is_read_on()
    {
        var (text, error, _) = await StreamAsync("cut me", a => a.Chain == 0 ? new Script { CutEvery = 2 } : Script.Honest);

        error.ShouldBeNull();
        text.ShouldBe("You said: cut me.");
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_chain_that_refuses_is_replaced_by_other_nodes()
    {
        var answer = await AskAsync("refused", a => a is { Chain: 1, Attempt: 0 }
            ? new Script { Failure = new ChainFailure(FailureCodes.Refused, "stage 2 is full", 2) }
            : Script.Honest);

        Text(answer).ShouldBe("You said: refused.");
        answer.GetProperty("orchestrator").GetProperty("chains")[1].GetProperty("attempt").GetInt32().ShouldBeGreaterThan(0);
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task An_assignment_that_never_arrives_is_noticed_and_given_to_others()
    {
        var answer = await AskAsync("silence", a => a is { Chain: 1, Attempt: 0 } ? new Script { Silent = true } : Script.Honest);

        Text(answer).ShouldBe("You said: silence.");
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_result_that_is_held_back_is_waited_for_only_so_long()
    {
        var answer = await AskAsync("withheld", a => a is { Chain: 0, Attempt: 0 } ? new Script { Withhold = true } : Script.Honest);

        Text(answer).ShouldBe("You said: withheld.");
        answer.GetProperty("orchestrator").GetProperty("chains")[0].GetProperty("attempt").GetInt32().ShouldBeGreaterThan(0);
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task An_edge_that_stalls_in_mid_stream_is_overtaken()
    {
        var never = new TaskCompletionSource();

        var (text, error, _) = await StreamAsync("stalled", a => a is { Chain: 0, Attempt: 0 } ? new Script { Pause = (5, never.Task) } : Script.Honest);

        error.ShouldBeNull();
        text.ShouldBe("You said: stalled.");
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Repeated_results_pay_once()
    {
        var answer = await AskAsync("again", _ => new Script { Copies = 4 });

        Text(answer).ShouldBe("You said: again.");
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_forged_receipt_invalidates_its_chain()
    {
        var answer = await AskAsync("forged", a => a is { Chain: 0, Attempt: 0 }
            ? new Script { Forge = r => r with { Receipts = [r.Receipts[0], r.Receipts[0], .. r.Receipts.Skip(2)] } }
            : Script.Honest);

        Text(answer).ShouldBe("You said: forged.");
        answer.GetProperty("orchestrator").GetProperty("chains")[0].GetProperty("attempt").GetInt32().ShouldBeGreaterThan(0);
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_client_that_leaves_frees_all_nodes_and_pays_for_what_was_streamed()
    {
        var before = await Platform.AccountAsync("user");

        long charged = await LeaveAsync("leaving", _ => new Script { Pause = (6, new TaskCompletionSource().Task) });

        charged.ShouldBe((PromptTokens("leaving") + 6) * 8L * 2);
        (await Platform.AccountAsync("user")).Available.ShouldBe(before.Available - charged);
    }

    [Fact]
    public async Task Of_an_answer_that_was_left_only_what_both_chains_streamed_is_paid_for()
    {
        var never = new TaskCompletionSource().Task;

        long charged = await LeaveAsync("left early", a => new Script { Pause = (a.Chain == 0 ? 6 : 2, never) });

        charged.ShouldBe((PromptTokens("left early") + 2) * 8L * 2);
    }

    [Fact]
    public async Task A_chain_that_streams_what_the_other_does_not_earns_nothing_when_the_client_leaves()
    {
        var never = new TaskCompletionSource().Task;

        long charged = await LeaveAsync("left alone", a => new Script { Pause = (6, never), Lie = a.Chain == 0 ? t => t == 'Y' ? 'Z' : t : null });

        charged.ShouldBe(0);
    }

    [Fact]
    public async Task The_last_attempt_of_a_chain_is_waited_for()
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var beating = Platform.Network.BeatOnAsync(enough.Token);

        var answer = await AskAsync("six times", a => a.Chain == 1 && a.Attempt < 5
            ? new Script { Failure = new ChainFailure(FailureCodes.Internal, "stage 1 broke", 1) }
            : Script.Honest);

        Text(answer).ShouldBe("You said: six times.");
        answer.GetProperty("orchestrator").GetProperty("chains")[1].GetProperty("attempt").GetInt32().ShouldBe(5);
        await enough.CancelAsync();
        await beating;
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_chain_that_always_fails_ends_the_request_after_its_last_attempt()
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        var beating = Platform.Network.BeatOnAsync(enough.Token);

        using var response = await PostAsync("never", a => a.Chain == 1 ? new Script { Failure = new ChainFailure(FailureCodes.Internal, "stage 1 broke", 1) } : Script.Honest);

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        Platform.Network.Assignments.Items.Where(a => a.Chain == 1 && a.Edge?.Prompt.Messages?[0].Content == "never").Max(a => a.Attempt).ShouldBe(5);
        await enough.CancelAsync();
        await beating;
        await Platform.ShouldBalanceAsync();
    }

    /// <summary>Streams, waits until both chains have come to their pause, leaves; what the job cost in the end.</summary>
    private async Task<long> LeaveAsync(string question, Func<Assignment, Script> behave)
    {
        Platform.Network.Behave = behave;
        using var client = Platform.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Body(question, stream: true) };
        var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        string job = response.Headers.GetValues("x-orchestrator-job").Single();
        await response.Content.ReadAsStreamAsync(Cancel);
        var sessions = await Platform.Network.Sessions.WhenAsync(all => all.Count(s => s.Assignment.Job.Value == job) == 2, "two sessions", Cancel);
        foreach (var session in sessions.Where(s => s.Assignment.Job.Value == job))
            await Eventually.Ends(session.Paused.Task, () => "the chain does not come to its pause");

        response.Dispose();

        await Platform.Network.Cancellations.WhenAsync(
            all => Assigned(job) is { Count: 8 } assigned && assigned.IsSubsetOf(all.Select(c => (c.Session, c.Node))), "cancellations of eight nodes", Cancel);
        await Eventually.Gets(Platform.Workflows.WaitForCompletionAsync(job, Cancel), () => "the job still runs");
        var view = await Platform.GetAsync<JsonElement>($"/api/jobs/{job}", Kit.Platform.UserKey);
        view.GetProperty("status").GetString().ShouldBe("cancelled");
        await Platform.ShouldBalanceAsync();
        return view.GetProperty("charged").GetInt64();
    }

    private static int PromptTokens(string question) =>
        TokenizerFactory.Create(TokenizerSpec.ByteDefault).Encode(new Prompt(null, [new ChatMessage("user", question)])).Length;

    private HashSet<(SessionId, NodeId)> Assigned(string job) => [.. Platform.Network.Assignments.Items.Where(a => a.Job.Value == job).Select(a => (a.Session, a.Node))];

    private async Task<JsonElement> AskAsync(string question, Func<Assignment, Script> behave)
    {
        using var response = await PostAsync(question, behave);
        string body = await response.Content.ReadAsStringAsync(Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK, body);
        return JsonDocument.Parse(body).RootElement;
    }

    private async Task<HttpResponseMessage> PostAsync(string question, Func<Assignment, Script> behave)
    {
        Platform.Network.Behave = behave;
        using var client = Platform.Client();
        return await client.PostAsync("/v1/chat/completions", Body(question, stream: false), Cancel);
    }

    private async Task<(string Text, string? Error, bool Broken)> StreamAsync(string question, Func<Assignment, Script> behave)
    {
        Platform.Network.Behave = behave;
        using var client = Platform.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Body(question, stream: true) };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
        var text = new StringBuilder();
        string? error = null;
        try
        {
            while (await reader.ReadLineAsync(Cancel) is { } line)
            {
                if (!line.StartsWith("data: {", StringComparison.Ordinal))
                    continue;
                var data = JsonDocument.Parse(line["data: ".Length..]).RootElement;
                if (data.TryGetProperty("error", out var failed))
                    error = failed.GetRawText();
                else if (data.GetProperty("choices") is { } choices && choices.GetArrayLength() > 0 && choices[0].GetProperty("delta").TryGetProperty("content", out var content))
                    text.Append(content.GetString());
            }

            return (text.ToString(), error, false);
        }
        catch (Exception e) when (e is IOException or HttpRequestException)
        {
            return (text.ToString(), error, true);
        }
    }

    private StringContent Body(string question, bool stream) => Kit.Platform.Json(JsonSerializer.Serialize(new
    {
        model = Platform.Model.Manifest.Name,
        messages = new[] { new { role = "user", content = question } },
        stream,
        max_tokens = 100,
    }));

    private static string? Text(JsonElement answer) => answer.GetProperty("choices")[0].GetProperty("message").GetProperty("content").GetString();
}
