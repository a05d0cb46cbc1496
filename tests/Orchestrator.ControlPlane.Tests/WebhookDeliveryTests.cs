using System.Net;
using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.ControlPlane.Webhooks;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Events of a job on their way to its owner.</summary>
public sealed class WebhookDeliveryTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_jobs_end_is_delivered_again_until_the_receiver_takes_it_and_the_job_does_not_wait()
    {
        await using var platform = await Platform.StartAsync(
            nodes: 5, chains: 1, o => o with { DefaultChains = 1, Webhooks = new WebhookOptions { AllowHttp = true, AllowedNetworks = ["127.0.0.0/8"] } });
        var events = new List<(string Id, JsonElement Body)>();
        var second = new TaskCompletionSource<bool>();
        await using var receiver = await ReceiverAsync(async http =>
        {
            var body = await JsonDocument.ParseAsync(http.Request.Body, default, Cancel);
            lock (events)
            {
                events.Add((http.Request.Headers["webhook-id"].ToString(), body.RootElement));
                http.Response.StatusCode = events.Count == 1 ? StatusCodes.Status503ServiceUnavailable : StatusCodes.Status204NoContent;
                if (events.Count == 2)
                    second.TrySetResult(true);
            }
        });
        using var client = platform.Client();

        using var response = await client.PostAsync("/api/jobs", Platform.Json(Body(platform, receiver.Urls.First() + "/hook")), Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);
        string job = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("job").GetString()!;
        await Eventually.Gets(platform.Workflows.WaitForCompletionAsync(job, Cancel), () => "the job has not ended");
        await Eventually.Gets(second.Task, () => $"{events.Count} events came");

        events.Select(e => e.Id).Distinct().ShouldHaveSingleItem().ShouldBe($"{job}.final");
        events[1].Body.GetProperty("type").GetString().ShouldBe("job.final");
        events[1].Body.GetProperty("job").GetString().ShouldBe(job);
    }

    [Theory]
    [InlineData(false, "job.final")]
    [InlineData(true, "job.overturned")]
    public async Task Who_has_a_provisional_answer_hears_what_became_of_it(bool falsifies, string end)
    {
        await using var platform = await Platform.StartAsync(configure: o => o with { Webhooks = new WebhookOptions { AllowHttp = true, AllowedNetworks = ["127.0.0.0/8"] } });
        if (falsifies)
            platform.Network.Behave = _ => new Script { Falsifies = stage => stage == 1 };
        var events = new Recorder<JsonElement>();
        await using var receiver = await ReceiverAsync(async http => events.Add((await JsonDocument.ParseAsync(http.Request.Body, default, Cancel)).RootElement));
        using var client = platform.Client();

        using var response = await client.PostAsync("/api/jobs", Platform.Json(Body(platform, receiver.Urls.First() + "/hook", "sampled")), Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.Accepted);

        // At least once each: one whose answer was late comes again.
        var came = await events.WhenAsync(all => Types(all).Count > 1, "another event", Cancel);
        Types(came).ShouldBe(["job.provisional", end], ignoreOrder: true);

        static List<string?> Types(IEnumerable<JsonElement> all) => [.. all.Select(e => e.GetProperty("type").GetString()).Distinct()];
    }

    [Theory]
    [InlineData("http://127.0.0.1/hook")]
    [InlineData("https://[::ffff:169.254.169.254]/")]
    public async Task A_url_that_must_not_be_called_is_a_wrong_parameter(string url)
    {
        await using var platform = await Platform.StartAsync(nodes: 5, chains: 1, o => o with { DefaultChains = 1 });
        using var client = platform.Client();

        using var response = await client.PostAsync("/api/jobs", Platform.Json(Body(platform, url)), Cancel);

        response.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("error").GetProperty("param").GetString().ShouldBe("orchestrator.webhook");
    }

    private static string Body(Platform platform, string url, string assurance = "none") =>
        $$$"""{"model":"{{{platform.Model.Manifest.Name}}}","messages":[{"role":"user","content":"tell me"}],"max_tokens":20,"orchestrator":{"webhook":"{{{url}}}","assurance":"{{{assurance}}}"}}""";

    private static async Task<WebApplication> ReceiverAsync(RequestDelegate handle)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(k => k.Listen(IPAddress.Loopback, 0));
        var receiver = builder.Build();
        receiver.Run(handle);
        await receiver.StartAsync(Cancel);
        return receiver;
    }
}
