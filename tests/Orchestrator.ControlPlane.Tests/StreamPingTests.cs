using System.Net.Http.Headers;
using Orchestrator.ControlPlane.Tests.Kit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>A stream that has nothing to say keeps its connection open, and clients skip what does that.</summary>
public sealed class StreamPingTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(5)]
    public async Task An_answer_that_pauses_sends_comments_until_it_goes_on(int before)
    {
        await using var platform = await StartAsync();
        var go = new TaskCompletionSource();
        platform.Network.Behave = _ => new Script { Pause = (before, go.Task) };
        using var client = platform.Client();
        using var request = new HttpRequestMessage(HttpMethod.Post, "/v1/chat/completions") { Content = Body(platform, stream: true) };
        using var response = await client.SendAsync(request, HttpCompletionOption.ResponseHeadersRead, Cancel);
        response.Content.Headers.ContentType.ShouldBe(new MediaTypeHeaderValue("text/event-stream"));

        (await ReadAsync(response, go)).ShouldContain("data: [DONE]");
    }

    [Fact]
    public async Task Who_follows_a_job_that_pauses_gets_comments_until_it_goes_on()
    {
        await using var platform = await StartAsync();
        var go = new TaskCompletionSource();
        platform.Network.Behave = _ => new Script { Pause = (5, go.Task) };
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform, stream: false), Cancel);
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        using var response = await client.GetAsync($"/api/jobs/{job}/events", HttpCompletionOption.ResponseHeadersRead, Cancel);

        string.Join('\n', await ReadAsync(response, go)).ShouldContain("\"status\":\"completed\"");
    }

    private static Task<Platform> StartAsync() =>
        Platform.StartAsync(nodes: 4, chains: 1, o => o with { DefaultChains = 1, StreamPingInterval = TimeSpan.FromMilliseconds(200) });

    /// <summary>All lines; the answer goes on when two comments have come.</summary>
    private static async Task<IReadOnlyList<string>> ReadAsync(HttpResponseMessage response, TaskCompletionSource go)
    {
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync(Cancel));
        List<string> lines = [];
        while (await reader.ReadLineAsync(Cancel).AsTask().WaitAsync(TimeSpan.FromSeconds(30), Cancel) is { } line)
        {
            lines.Add(line);
            if (lines.Count(l => l == ": ping") == 2)
                go.TrySetResult();
        }

        lines.Count(l => l == ": ping").ShouldBeGreaterThanOrEqualTo(2);
        return lines;
    }

    private static StringContent Body(Platform platform, bool stream) => Platform.Json(
        $$"""{"model":"{{platform.Model.Manifest.Name}}","messages":[{"role":"user","content":"tell me"}],"max_tokens":20,"stream":{{(stream ? "true" : "false")}},"orchestrator":{"assurance":"none"} }""");
}
