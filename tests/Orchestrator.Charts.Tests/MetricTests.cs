using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Charts.Tests.Kit;
using Orchestrator.Charts.Tests.Rules;

namespace Orchestrator.Charts.Tests;

/// <summary>Dashboards and alerts ask for what the programs measure.</summary>
public sealed partial class MetricTests
{
    private static readonly MetricRules Rules = new(
        SourceTree.Texts.SelectMany(MetricRules.MetricsOf).ToHashSet(), SourceTree.Texts.SelectMany(MetricRules.LabelsOf).ToHashSet());

    public static TheoryData<string> Dashboards =>
        [.. Directory.GetFiles(Repository.At("charts"), "*.json", SearchOption.AllDirectories).Where(f => f.Contains("dashboards")).Select(f => Path.GetRelativePath(Repository.Root, f)).Order(StringComparer.Ordinal)];

    [Theory]
    [MemberData(nameof(Dashboards))]
    public void A_dashboard_asks_for_metrics_and_labels_that_there_are(string file)
    {
        var board = JsonNode.Parse(File.ReadAllText(Repository.At(file)))!.AsObject();
        var panels = board["panels"]!.AsArray();

        panels.SelectMany(p => p!["targets"]!.AsArray().SelectMany(t => Rules.Violations((string)p["title"]!, (string)t!["expr"]!))).ShouldBeEmpty();
        panels.Select(p => (int)p!["id"]!).ShouldBeUnique();
        foreach (var panel in panels)
        {
            var at = panel!["gridPos"]!;
            ((int)at["x"]! + (int)at["w"]!).ShouldBeLessThanOrEqualTo(24);
            panels.Count(p => Overlap(at, p!["gridPos"]!)).ShouldBe(1, (string)panel["title"]!);
        }

        var variables = board["templating"]!["list"]!.AsArray().Select(v => (string)v!["name"]!).ToList();
        variables.ShouldBe(["datasource", "namespace"]);
        Rules.Violations("variable", (string)board["templating"]!["list"]![1]!["query"]!).ShouldBeEmpty();
    }

    [Fact]
    public void There_is_a_dashboard_for_each_user()
    {
        Dashboards.Select(d => Path.GetFileNameWithoutExtension(d.Data)).ShouldBe(["developer", "node-host", "platform"], ignoreOrder: true);
        Dashboards.Select(d => (string)JsonNode.Parse(File.ReadAllText(Repository.At(d.Data)))!["uid"]!).ShouldBeUnique();
    }

    [Theory]
    [InlineData("orchestrator", "production")]
    [InlineData("node", "node-host")]
    public void An_alert_asks_for_metrics_and_labels_that_there_are(string chart, string profile)
    {
        var rule = Rendering.Of(chart, profile).Single(m => m.Kind == "PrometheusRule");
        var alerts = rule.Root.At("spec").Items("groups").SelectMany(g => g.Items("rules")).ToList();

        alerts.ShouldNotBeEmpty();
        alerts.SelectMany(a => Rules.Violations(a.Text("alert")!, a.Text("expr")!)).ShouldBeEmpty();
        alerts.ShouldAllBe(a => a.At("annotations").Text("summary") != null && a.At("annotations").Text("description") != null && a.At("labels").Text("severity") != null);
    }

    [Fact]
    public void Every_alert_has_its_row_in_the_runbooks()
    {
        var alerts = new[] { ("orchestrator", "production"), ("node", "node-host") }
            .SelectMany(p => Rendering.Of(p.Item1, p.Item2).Single(m => m.Kind == "PrometheusRule").Root.At("spec").Items("groups").SelectMany(g => g.Items("rules")))
            .Select(a => a.Text("alert")!);

        RunbookRow().Matches(File.ReadAllText(Repository.At("infra", "docs", "runbooks.md"))).Select(m => (m.Groups["anchor"].Value, m.Groups["alert"].Value))
            .ShouldBe(alerts.Select(a => (a.ToLowerInvariant(), a)), "one row per alert, in the order of the charts, with an anchor of its name");
    }

    [Fact]
    public void The_row_of_the_runbooks_is_named_where_their_address_is_known()
    {
        var manifests = Rendering.With(Profile.Of("node", "node-host"), "1.36.0", "--set", "telemetry.prometheusRule.runbookUrl=https://example.com/runbooks.md");

        manifests.Single(m => m.Kind == "PrometheusRule").Text.ShouldContain("runbook_url: \"https://example.com/runbooks.md#orchestratornodewaits\"");
    }

    [Theory]
    [InlineData("""m.CreateCounter<long>("a.b", "{x}", "…")""", "a_b_total")]
    [InlineData("""m.CreateCounter<long>("a.sent", "By", "…")""", "a_sent_bytes_total")]
    [InlineData("""m.CreateHistogram<double>("a.wait", "s", "…")""", "a_wait_seconds_bucket a_wait_seconds_sum a_wait_seconds_count")]
    [InlineData("""m.CreateUpDownCounter<int>("a.open", "{x}", "…")""", "a_open")]
    [InlineData("""m.CreateObservableGauge("a.depth", () => depth(), null, "…")""", "a_depth")]
    public void Instruments_have_the_names_that_Prometheus_gives_them(string source, string names) =>
        MetricRules.MetricsOf(source).ShouldBe(names.Split(' '));

    [Theory]
    [InlineData("rate(orchestrator_jobs_totals[5m])", "orchestrator_jobs_totals")]
    [InlineData("sum by (color) (orchestrator_jobs_total)", "label color")]
    [InlineData("orchestrator_jobs_total{colour=\"red\"}", "label colour")]
    [InlineData("up_and_running{}", "up_and_running")]
    [InlineData("1 > 0", "asks for nothing")]
    public void A_query_for_what_nobody_measures_is_found(string query, string violation) =>
        Rules.Violations("q", query).ShouldHaveSingleItem().ShouldContain(violation);

    private static bool Overlap(JsonNode a, JsonNode b) =>
        (int)a["x"]! < (int)b["x"]! + (int)b["w"]! && (int)b["x"]! < (int)a["x"]! + (int)a["w"]! && (int)a["y"]! < (int)b["y"]! + (int)b["h"]! && (int)b["y"]! < (int)a["y"]! + (int)a["h"]!;

    [GeneratedRegex("""^\| <a id="(?<anchor>\w+)"></a>(?<alert>\w+) \|""", RegexOptions.Multiline)]
    private static partial Regex RunbookRow();
}
