using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Orchestrator.Charts.Tests.Kit;

namespace Orchestrator.Charts.Tests;

/// <summary>The scaler's arithmetic is the Functions host's: what one replica takes at a time stands in <c>host.json</c>.</summary>
public sealed partial class KedaTests
{
    [Fact]
    public void The_query_counts_replicas_by_what_the_host_runs_at_a_time()
    {
        var scaler = Rendering.With(Profile.Of("orchestrator", "production"), "1.36.0", "--set", "durable.backend=mssql,functions.image.repository=orchestrator-functions-mssql,functions.autoscaling.kind=keda").Single(m => m.Kind == "ScaledObject");
        var trigger = scaler.Root.At("spec").Items("triggers").ShouldHaveSingleItem().At("metadata");
        var host = JsonNode.Parse(File.ReadAllText(Repository.At("functions", "Orchestrator.Functions", "host.json")))!["extensions"]!["durableTask"]!;

        var asked = Recommendation().Match(trigger.Text("query")!);

        // dt.GetScaleRecommendation(orchestrations per worker, activities per worker) answers how many replicas the waiting work needs: one each.
        (asked.Groups["workflows"].Value, asked.Groups["activities"].Value).ShouldBe(($"{host["maxConcurrentOrchestratorFunctions"]}", $"{host["maxConcurrentActivityFunctions"]}"));
        trigger.Text("targetValue").ShouldBe("1");
    }

    [GeneratedRegex(@"^SELECT dt\.GetScaleRecommendation\((?<workflows>\d+), (?<activities>\d+)\)$")]
    private static partial Regex Recommendation();
}
