using System.Text.Json.Nodes;
using Orchestrator.Charts.Tests.Kit;

namespace Orchestrator.Charts.Tests;

/// <summary>
/// What the chart made up once it keeps. <c>helm template</c> asks no cluster, so the chart's one question for a secret is turned into one to a file:
/// everything is shown but that a cluster answers it.
/// </summary>
public sealed class GeneratedSecretTests
{
    private const string Question = """lookup "v1" "Secret" .root.Release.Namespace .name""";
    private const string InFile = """index (.root.Files.Get "there.json" | fromJson) .name""";

    private static readonly Profile Minimal = Profile.Of("orchestrator", "minimal");

    [Fact]
    public void An_upgrade_keeps_every_secret_that_was_made()
    {
        var before = Secrets(Rendering.With(Minimal, Minimal.Kube[^1]));
        before.Keys.ShouldContain("demo-orchestrator-platform");

        Secrets(Upgrade(before)).ShouldBe(before, ignoreOrder: true);
        Secrets(Upgrade([])).Keys.ShouldBe(before.Keys, ignoreOrder: true, "where none is there, all are made");
    }

    [Fact]
    public void Without_what_is_there_every_secret_is_another()
    {
        var before = Secrets(Rendering.With(Minimal, Minimal.Kube[^1]));

        Secrets(Upgrade([])).Where(s => s.Value == before[s.Key]).ShouldBeEmpty("else nothing that is kept would be shown to be");
    }

    [Fact]
    public void An_upgrade_keeps_the_accounts_that_somebody_added()
    {
        var there = Secrets(Rendering.With(Minimal, Minimal.Kube[^1]));
        var platform = JsonNode.Parse(there["demo-orchestrator-platform"])!;
        platform["api-keys.json"] = "eyJrZXlzIjpbXX0=";
        there["demo-orchestrator-platform"] = platform.ToJsonString();

        JsonNode.Parse(Secrets(Upgrade(there))["demo-orchestrator-platform"])!["api-keys.json"]!.GetValue<string>().ShouldBe("eyJrZXlzIjpbXX0=");
    }

    private static IReadOnlyList<Manifest> Upgrade(Dictionary<string, string> there)
    {
        using var next = new ChartCopy(Minimal);
        next.Replace("templates/_secrets.tpl", Question, InFile);
        next.Add("there.json", new JsonObject(there.Select(s => KeyValuePair.Create(s.Key, (JsonNode?)new JsonObject { ["data"] = JsonNode.Parse(s.Value) }))).ToJsonString());
        return next.Render();
    }

    /// <summary>Data of each secret as JSON.</summary>
    private static Dictionary<string, string> Secrets(IReadOnlyList<Manifest> manifests) => manifests.Where(m => m.Kind == "Secret").ToDictionary(m => m.Name, m =>
        new JsonObject(m.Root.At("data").Pairs().OrderBy(d => d.Key, StringComparer.Ordinal).Select(d => KeyValuePair.Create(d.Key, (JsonNode?)d.Value))).ToJsonString());
}
