using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Batch jobs: submitted, followed, cancelled, and seen by their owner only.</summary>
public sealed class JobTests(SharedPlatform shared) : IClassFixture<SharedPlatform>
{
    private Platform Platform => shared.Platform;

    private CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_runs_and_keeps_its_answer()
    {
        Platform.Network.Behave = _ => Script.Honest;
        string job = await SubmitAsync("batch");

        await Platform.Workflows.WaitForCompletionAsync(job, Cancel).WaitAsync(TimeSpan.FromSeconds(30), Cancel);

        var view = await Platform.GetAsync<JsonElement>($"/api/jobs/{job}", Kit.Platform.UserKey);
        view.GetProperty("status").GetString().ShouldBe("completed");
        view.GetProperty("choices")[0].GetProperty("text").GetString().ShouldBe("You said: batch.");
        (await Platform.GetAsync<JsonElement>("/api/jobs", Kit.Platform.UserKey)).GetProperty("jobs").EnumerateArray().ShouldContain(j => j.GetProperty("job").GetString() == job);
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task Events_show_every_token_and_end_with_the_answer()
    {
        var go = new TaskCompletionSource();
        Platform.Network.Behave = _ => new Script { Pause = (3, go.Task) };
        string job = await SubmitAsync("followed");
        using var client = Platform.Client();
        using var response = await client.GetAsync($"/api/jobs/{job}/events", HttpCompletionOption.ResponseHeadersRead, Cancel);
        go.SetResult();

        string events = await response.Content.ReadAsStringAsync(Cancel);

        string text = string.Concat(events.Split("\n\n").Where(e => e.StartsWith("event: token", StringComparison.Ordinal))
            .Select(e => JsonDocument.Parse(e[(e.IndexOf("data: ", StringComparison.Ordinal) + 6)..]).RootElement.GetProperty("text").GetString()));
        text.ShouldBe("You said: followed.");
        events.TrimEnd().Split("\n\n")[^1].ShouldContain("\"completed\"");
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_job_of_another_account_does_not_exist()
    {
        Platform.Network.Behave = _ => Script.Honest;
        string job = await SubmitAsync("mine");
        using var other = Platform.Client(Kit.Platform.OtherKey);

        (await other.GetAsync($"/api/jobs/{job}", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await other.DeleteAsync($"/api/jobs/{job}", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await other.GetAsync($"/api/jobs/{job}/events", Cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
        (await Platform.GetAsync<JsonElement>("/api/jobs", Kit.Platform.OtherKey)).GetProperty("jobs").GetArrayLength().ShouldBe(0);
        await EndsAsync(job);
    }

    [Fact]
    public async Task The_same_idempotency_key_names_the_same_job_and_another_body_is_refused()
    {
        Platform.Network.Behave = _ => Script.Honest;

        string first = await SubmitAsync("once", "key-1");
        string second = await SubmitAsync("once", "key-1");
        using var other = await PostAsync("twice", "key-1");

        second.ShouldBe(first);
        other.StatusCode.ShouldBe(HttpStatusCode.UnprocessableEntity);
        await EndsAsync(first);
    }

    [Fact]
    public async Task A_cancelled_job_frees_its_nodes_and_costs_what_was_streamed()
    {
        var never = new TaskCompletionSource();
        Platform.Network.Behave = _ => new Script { Pause = (2, never.Task) };
        string job = await SubmitAsync("cancel me");
        foreach (var session in (await Platform.Network.Sessions.WhenAsync(all => all.Count(s => s.Assignment.Job.Value == job) == 2, "its sessions", Cancel)).Where(s => s.Assignment.Job.Value == job))
            await Eventually.Ends(session.Paused.Task, () => "the chain does not come to its pause");
        using var client = Platform.Client();

        (await client.DeleteAsync($"/api/jobs/{job}", Cancel)).StatusCode.ShouldBe(HttpStatusCode.Accepted);

        await EndsAsync(job);
        var view = await Platform.GetAsync<JsonElement>($"/api/jobs/{job}", Kit.Platform.UserKey);
        view.GetProperty("status").GetString().ShouldBe("cancelled");
        int prompt = TokenizerFactory.Create(TokenizerSpec.ByteDefault).Encode(new Prompt(null, [new ChatMessage("user", "cancel me")])).Length;
        view.GetProperty("charged").GetInt64().ShouldBe((prompt + 2) * 8L * 2);
        await Platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_job_that_cannot_be_paid_fails()
    {
        using var poor = Platform.Client(Kit.Platform.PoorKey);
        using var response = await poor.PostAsync("/api/jobs", Body("poor"), Cancel);
        string job = response.Headers.GetValues("x-orchestrator-job").Single();

        await EndsAsync(job);

        var view = await Platform.GetAsync<JsonElement>($"/api/jobs/{job}", Kit.Platform.PoorKey);
        view.GetProperty("failure").GetProperty("code").GetString().ShouldBe("insufficient_quota");
    }

    [Fact]
    public async Task An_ended_job_is_forgotten_after_its_retention_only()
    {
        Platform.Network.Behave = _ => Script.Honest;
        string job = await SubmitAsync("forget me");
        await EndsAsync(job);
        var options = Platform.Services.GetRequiredService<ControlPlaneOptions>();
        var later = new FakeTimeProvider(Platform.Clock.GetUtcNow() + options.JobRetention - TimeSpan.FromHours(1));
        using var retention = new JobRetention(Platform.Workflows, options, later, NullLogger<JobRetention>.Instance);

        (await retention.SweepAsync(Cancel)).ShouldBe(0);
        later.Advance(TimeSpan.FromHours(2));
        (await retention.SweepAsync(Cancel)).ShouldBeGreaterThan(0);

        (await Platform.Workflows.GetAsync(job, Cancel)).ShouldBeNull();
    }

    /// <summary>A job that is left running would meet the next test's nodes.</summary>
    private Task EndsAsync(string job) => Eventually.Gets(Platform.Workflows.WaitForCompletionAsync(job, Cancel), () => "the job still runs");

    private async Task<string> SubmitAsync(string question, string? key = null)
    {
        using var response = await PostAsync(question, key);
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted, await response.Content.ReadAsStringAsync(Cancel));
        return response.Headers.Location!.ToString()["/api/jobs/".Length..];
    }

    private async Task<HttpResponseMessage> PostAsync(string question, string? key)
    {
        using var client = Platform.Client();
        if (key is not null)
            client.DefaultRequestHeaders.Add("Idempotency-Key", key);
        return await client.PostAsync("/api/jobs", Body(question), Cancel);
    }

    private StringContent Body(string question) => Kit.Platform.Json(
        JsonSerializer.Serialize(new { model = Platform.Model.Manifest.Name, messages = new[] { new { role = "user", content = question } }, max_tokens = 60 }));
}
