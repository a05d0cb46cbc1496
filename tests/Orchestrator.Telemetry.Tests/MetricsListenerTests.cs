using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Hosting;

namespace Orchestrator.Telemetry.Tests;

public sealed class MetricsListenerTests
{
    private static readonly TelemetryOptions AnyPort = new(0, IPAddress.Loopback, Traces: false, Metrics: false, Logs: false);

    [Fact]
    public async Task Instruments_are_served_as_Prometheus_text_with_the_buckets_they_ask_for()
    {
        using var meter = new Meter("Orchestrator.Tests.Metrics");
        using var other = new Meter("Somebody.Else");
        var jobs = meter.CreateCounter<long>("orchestrator.test.jobs", "{job}", "Jobs of the test.");
        var wait = meter.CreateHistogram("orchestrator.test.wait", "s", "Waits.", advice: new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.1] });
        await using var telemetry = Start(out var port);

        jobs.Add(3, new KeyValuePair<string, object?>("outcome", "answered"));
        wait.Record(0.02);
        other.CreateCounter<long>("somebody.else").Add(1);
        using var http = new HttpClient { BaseAddress = new Uri($"http://127.0.0.1:{await port}") };
        string text = await http.GetStringAsync("/metrics", TestContext.Current.CancellationToken);

        text.ShouldContain("# HELP orchestrator_test_jobs_total Jobs of the test.");
        text.ShouldMatch("""orchestrator_test_jobs_total\{[^}]*outcome="answered"[^}]*\} 3""");
        text.ShouldMatch("""orchestrator_test_wait_seconds_bucket\{[^}]*le="0\.1"[^}]*\} 1""");
        text.ShouldMatch("""orchestrator_test_wait_seconds_bucket\{[^}]*le="0\.001"[^}]*\} 0""");
        text.ShouldContain("dotnet_gc_collections_total");
        text.ShouldMatch("""target_info\{[^}]*service_name="test"[^}]*\}""");
        text.ShouldMatch("""target_info\{[^}]*orchestrator_node_id="n1"[^}]*\}""");
        text.ShouldNotContain("somebody");
        (await http.GetAsync("/", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }

    [Fact]
    public async Task A_port_that_is_taken_is_named_with_the_fix()
    {
        using var taken = new TcpListener(IPAddress.Loopback, 0);
        taken.Start();
        int port = ((IPEndPoint)taken.LocalEndpoint).Port;

        var e = await Should.ThrowAsync<IOException>(ProcessTelemetry.StartAsync(
            Settings.Of(new() { ["Telemetry:MetricsPort"] = $"{port}", ["Telemetry:MetricsAddress"] = "127.0.0.1" }), "test", TestContext.Current.CancellationToken));

        e.Message.ShouldContain($"port {port}");
        e.Message.ShouldContain("Set Telemetry:MetricsPort to a free port");
    }

    private static ServiceProvider Start(out Task<int> port)
    {
        var services = new ServiceCollection()
            .AddLogging()
            .AddOrchestratorTelemetry(Settings.Of([]), "test", AnyPort, new Dictionary<string, string> { ["orchestrator.node.id"] = "n1" })
            .BuildServiceProvider();
        port = StartAsync(services);
        return services;
    }

    private static async Task<int> StartAsync(ServiceProvider services)
    {
        foreach (var part in services.GetServices<IHostedService>())
            await part.StartAsync(TestContext.Current.CancellationToken);
        return services.GetServices<IHostedService>().OfType<MetricsListener>().Single().Port;
    }
}
