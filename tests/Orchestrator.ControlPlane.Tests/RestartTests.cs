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
        var events = again.GetStringAsync($"/api/jobs/{job}/events", TestContext.Current.CancellationToken);
        go.SetResult();

        // The stream token of a session was made by the process that is gone; the new one makes the same.
        string followed = await Eventually.Gets(events, () => "the events do not end");
        followed.ShouldContain("event: token");
        var view = await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
        view.GetProperty("status").GetString().ShouldBe("completed");
        view.GetProperty("choices")[0].GetProperty("text").GetString().ShouldBe("You said: survive.");
        await platform.ShouldBalanceAsync();
    }
}
