using System.Net;
using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Sidecar.Faults;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Setting money aside for a request somebody waits for.</summary>
public sealed class HoldTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_waits_out_a_sidecar_that_is_away_for_a_moment()
    {
        using var clock = new RunningClock();
        await using var platform = await Platform.StartAsync(log: LogLevel.None, time: clock);
        using var client = platform.Client();
        using (var first = await AskAsync(client, platform))
            first.StatusCode.ShouldBe(HttpStatusCode.OK, await first.Content.ReadAsStringAsync(Cancel));
        await platform.ShouldBalanceAsync();

        // While time stands still, the topology does not age and the request does not try again: the one call that is refused is its first for a hold.
        clock.Hold();
        await platform.Services.GetRequiredService<TopologyCache>().FreshModelAsync(platform.Model.Manifest.Name, Cancel);
        platform.Faults = new FaultOptions { Unavailable = 1 };
        var asked = AskAsync(client, platform);
        await Eventually.Holds(() => Task.FromResult(platform.InjectedFaults["Unavailable"] > 0), () => asked.IsCompleted ? "answered" : "not asked");
        platform.Faults = new FaultOptions();
        asked.IsCompleted.ShouldBeFalse();
        clock.Run();

        using var response = await asked;
        response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync(Cancel));
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_request_that_cannot_be_charged_is_503_and_holds_nothing()
    {
        await using var platform = await Platform.StartAsync(log: LogLevel.None);
        using var client = platform.Client();
        using (var first = await AskAsync(client, platform))
            first.StatusCode.ShouldBe(HttpStatusCode.OK, await first.Content.ReadAsStringAsync(Cancel));

        platform.Faults = new FaultOptions { Unavailable = 1 };
        using var response = await AskAsync(client, platform);
        platform.Faults = new FaultOptions();

        response.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable, await response.Content.ReadAsStringAsync(Cancel));
        await platform.ShouldBalanceAsync();
    }

    private static Task<HttpResponseMessage> AskAsync(HttpClient client, Platform platform) => client.PostAsync(
        "/v1/chat/completions",
        Platform.Json(JsonSerializer.Serialize(new { model = platform.Model.Manifest.Name, messages = new[] { new { role = "user", content = "x" } }, max_tokens = 20 })),
        Cancel);
}
