using System.Text.Json;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>The control plane may go away in the middle of a job.</summary>
public sealed class RestartTests
{
    [Fact]
    public async Task A_job_outlives_the_control_plane_that_started_it()
    {
        await using var platform = await Platform.StartAsync();
        var go = new TaskCompletionSource();
        platform.Network.Behave = _ => new Script { Pause = (3, go.Task) };
        string body = JsonSerializer.Serialize(new { model = platform.Model.Manifest.Name, messages = new[] { new { role = "user", content = "survive" } }, max_tokens = 60 });
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Platform.Json(body), TestContext.Current.CancellationToken);
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        await platform.Network.Sessions.CountAsync(2, TestContext.Current.CancellationToken);

        await platform.RestartControlPlaneAsync();
        using var again = platform.Client();
        using var events = await again.GetAsync($"/api/jobs/{job}/events", HttpCompletionOption.ResponseHeadersRead, TestContext.Current.CancellationToken);
        using var followed = new StreamReader(await events.Content.ReadAsStreamAsync(TestContext.Current.CancellationToken));

        // The stream token of a session was made by the process that is gone; the new one makes the same.
        await Eventually.Ends(UntilTokenAsync(followed), () => "no token comes");
        go.SetResult();
        await Eventually.Gets(followed.ReadToEndAsync(TestContext.Current.CancellationToken), () => "the events do not end");
        var view = await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
        view.GetProperty("status").GetString().ShouldBe("completed");
        view.GetProperty("choices")[0].GetProperty("text").GetString().ShouldBe("You said: survive.");
        await platform.ShouldBalanceAsync();
    }

    private static async Task UntilTokenAsync(StreamReader events)
    {
        while ((await events.ReadLineAsync(TestContext.Current.CancellationToken)).ShouldNotBeNull("the events end before a token") != "event: token")
        {
        }
    }
}
