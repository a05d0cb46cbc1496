using System.Net;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Telemetry.Tests;

public sealed class OptionsTests
{
    [Fact]
    public void Nothing_is_registered_when_nothing_is_asked_for()
    {
        var services = new ServiceCollection();

        services.AddOrchestratorTelemetry(Settings.Of([]), "test");
        services.AddOrchestratorTelemetry(Settings.Of(new() { ["Telemetry:MetricsPort"] = "0" }), "test");
        services.AddOrchestratorTelemetry(Settings.Of(new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://collector:4317", ["OTEL_SDK_DISABLED"] = "true" }), "test");

        services.ShouldBeEmpty();
    }

    [Fact]
    public void A_collector_gets_every_signal_that_is_not_turned_off()
    {
        var all = TelemetryOptions.Read(Settings.Of(new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://collector:4317", ["OTEL_LOGS_EXPORTER"] = "none" }));
        var traces = TelemetryOptions.Read(Settings.Of(new() { ["OTEL_EXPORTER_OTLP_TRACES_ENDPOINT"] = "http://collector:4317", ["Telemetry:MetricsPort"] = "9464" }));

        all.ShouldBe(new TelemetryOptions(null, IPAddress.IPv6Any, Traces: true, Metrics: true, Logs: false));
        traces.ShouldBe(new TelemetryOptions(9464, IPAddress.IPv6Any, Traces: true, Metrics: false, Logs: false));
    }

    [Fact]
    public void Everything_that_is_wrong_is_told_at_once()
    {
        var settings = Settings.Of(new() { ["OTEL_EXPORTER_OTLP_ENDPOINT"] = "collector", ["Telemetry:MetricsPort"] = "70000", ["Telemetry:MetricsAddress"] = "here" });

        string[] told = Should.Throw<InvalidOperationException>(() => TelemetryOptions.Read(settings)).Message.Split(Environment.NewLine);

        told.Length.ShouldBe(3);
        told.ShouldContain(line => line.StartsWith("OTEL_EXPORTER_OTLP_ENDPOINT must be an absolute http or https address"));
        told.ShouldContain(line => line.StartsWith("Telemetry:MetricsPort must lie in 0..65535"));
        told.ShouldContain(line => line.StartsWith("Telemetry:MetricsAddress must be an IP address"));
    }
}
