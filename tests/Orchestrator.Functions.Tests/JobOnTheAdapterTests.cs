using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Functions.Durable;
using Orchestrator.Functions.Tests.Harness;

namespace Orchestrator.Functions.Tests;

/// <summary>Jobs of the platform with its fake nodes, whose workflows and activities all run through the adapter.</summary>
public sealed class JobOnTheAdapterTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_runs_to_its_answer_and_every_hold_is_settled()
    {
        await using var platform = await Platform.StartAsync(engine: services => services.AddDurableFunctionsEngine().AddHostedService<AdapterHub>());
        using var client = platform.Client();

        using var submitted = await client.PostAsync("/api/jobs", Platform.Json($$"""{"model":"{{platform.Model.Manifest.Name}}","prompt":"batch","max_tokens":64}"""), Cancel);
        submitted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await submitted.Content.ReadAsStringAsync(Cancel));
        string job = JsonSerializer.Deserialize<JsonElement>(await submitted.Content.ReadAsStringAsync(Cancel)).GetProperty("job").GetString()!;
        var ended = await platform.Workflows.WaitForCompletionAsync(job, Cancel).WaitAsync(TimeSpan.FromSeconds(60), Cancel);

        ended.Name.ShouldBe(InferenceJob.Name);
        var view = await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
        view.GetProperty("status").GetString().ShouldBe("completed");
        view.GetProperty("choices")[0].GetProperty("text").GetString().ShouldBe("You said: batch.");
        await platform.ShouldBalanceAsync();
        (await platform.AccountAsync("user")).Available.ShouldBeLessThan(Platform.Granted);
    }
}
