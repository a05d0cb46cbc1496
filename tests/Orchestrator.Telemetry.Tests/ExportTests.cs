using System.Diagnostics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.TestKit;

namespace Orchestrator.Telemetry.Tests;

public sealed class ExportTests
{
    private const string Caller = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
    private static readonly ActivitySource Spans = new("Orchestrator.Tests.Export");

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_request_is_a_span_of_the_callers_trace_and_so_is_what_it_calls()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = await StartAsync(collector, []);
        using var http = new HttpClient { BaseAddress = Address(app) };

        // Probes say nothing and are not shown.
        await http.GetStringAsync("/healthz", Cancel);
        await AskAsync(http, "/things/7", Caller);

        var spans = await OfThingsAsync(collector, 2);
        var request = spans.Where(s => s.Kind == 2).ShouldHaveSingleItem();
        request.Name.ShouldBe("GET /things/{id}");
        request.Trace.ShouldBe("0af7651916cd43dd8448eb211c80319c");
        request.Parent.ShouldBe("b7ad6b7169203331");
        request.Service.ShouldBe("test");
        request["http.request.method"].ShouldBe("GET");
        request["http.route"].ShouldBe("/things/{id}");
        request["http.response.status_code"].ShouldBe("200");
        spans.Where(s => s.Name == "work").ShouldHaveSingleItem().Parent.ShouldBe(request.Id);
    }

    [Fact]
    public async Task The_environment_picks_the_sampler_and_the_name()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = await StartAsync(collector, new() { ["OTEL_TRACES_SAMPLER"] = "parentbased_always_off", ["OTEL_SERVICE_NAME"] = "renamed" });
        using var http = new HttpClient { BaseAddress = Address(app) };

        await AskAsync(http, "/things/1", null);
        await AskAsync(http, "/things/2", Caller);

        var spans = await OfThingsAsync(collector, 2);
        spans.ShouldAllBe(s => s.Trace == "0af7651916cd43dd8448eb211c80319c" && s.Service == "renamed");
    }

    [Theory]
    [InlineData("System.Net.Http")]
    [InlineData("Grpc.Net.Client")]
    public async Task A_call_that_nothing_asked_for_begins_no_trace(string client)
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = await StartAsync(collector, []);
        using var http = new HttpClient { BaseAddress = Address(app) };
        using var calls = new ActivitySource(client);

        using (calls.StartActivity("unasked " + client))
        using (Spans.StartActivity("under unasked " + client))
            Activity.Current!.Recorded.ShouldBeFalse();
        await AskAsync(http, "/things/7", Caller);

        // Spans come in the order they end.
        await OfThingsAsync(collector, 2);
        collector.Spans.Items.ShouldNotContain(s => s.Name.Contains("unasked " + client));
    }

    [Fact]
    public async Task Metrics_and_logs_go_to_the_collector_too()
    {
        await using var collector = await OtlpCollector.StartAsync();
        await using var app = await StartAsync(collector, []);

        app.Services.GetRequiredService<ILoggerFactory>().CreateLogger("test").LogWarning("Look");

        await collector.Exports.WhenAsync(all => all.Contains("metrics") && all.Contains("logs"), "metrics and logs", Cancel);
    }

    // The collector lives in the same process, so the exports it gets are requests that are seen as well.
    private static async Task<IReadOnlyList<CollectedSpan>> OfThingsAsync(OtlpCollector collector, int count)
    {
        static bool Counts(CollectedSpan s) => s.Name == "work" || s["http.route"].StartsWith("/things");
        var all = await collector.Spans.WhenAsync(spans => spans.Count(Counts) >= count, $"{count} spans", Cancel);
        return [.. all.Where(Counts)];
    }

    private static async Task<WebApplication> StartAsync(OtlpCollector collector, Dictionary<string, string> settings)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Configuration.AddInMemoryCollection(collector.Environment.Concat(settings).ToDictionary()!);
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddOrchestratorTelemetry(builder.Configuration, "test");
        var app = builder.Build();
        app.MapGet("/healthz", () => "ok");
        app.MapGet("/things/{id}", (string id) =>
        {
            using var span = Spans.StartActivity("work");
            return id;
        });
        await app.StartAsync(Cancel);
        return app;
    }

    private static async Task AskAsync(HttpClient http, string path, string? traceparent)
    {
        using var request = new HttpRequestMessage(HttpMethod.Get, path);
        // The client's own span would be the parent, were it of this test.
        using var quiet = OpenTelemetry.SuppressInstrumentationScope.Begin();
        if (traceparent is not null)
            request.Headers.Add("traceparent", traceparent);
        (await http.SendAsync(request, Cancel)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    private static Uri Address(WebApplication app) => new(app.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First());
}
