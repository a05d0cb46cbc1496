using Orchestrator.Charts.Tests.Kit;
using Orchestrator.Charts.Tests.Rules;

namespace Orchestrator.Charts.Tests;

/// <summary>
/// The chart as it is now against what the last release installed (<c>Upgrade/</c>). Those files are renewed when a release is made and at no other time;
/// a change in them means that an installation of the release before cannot be upgraded without somebody's hand, and the chart's README must say how.
/// </summary>
public sealed class UpgradeTests
{
    /// <summary>Set to 1, writes what the next release must keep. Not the switch of the snapshots: whoever renews those must not lose the state to upgrade from.</summary>
    private const string FreezeSwitch = "ORCHESTRATOR_FREEZE_CHARTS";

    private const string Head = "# What the last release installed, cut down to what no upgrade may change: written by UpgradeTests with " + FreezeSwitch + "=1 when a release is made, and only then.\n";

    private static readonly string[] Everyday = ["commonLabels.team=next", "image.pullPolicy=Always", "image.registry=mirror.example.com/next"];

    private static readonly Dictionary<string, string[]> Changes = new()
    {
        ["orchestrator pods"] =
        [
            "functions.replicas=5", "functions.image.tag=next", "functions.resources.limits.memory=3Gi", "functions.podLabels.a=b", "functions.extraEnv[0].name=A", "functions.extraEnv[0].value=b",
            "functions.autoscaling.kind=none", "actors.replicas=4", "actors.autoscaling.kind=none", "actors.podAnnotations.a=b", "gateway.relay.enabled=false", "gateway.replicas=4", "gateway.autoscaling.kind=none",
            "gateway.service.annotations.a=b", "gateway.hosts={gateway.example.org}", "blobs.pvc.size=3Ti", "telemetry.podMonitor.enabled=false",
        ],
        ["orchestrator scalers"] =
        [
            "functions.autoscaling.kind=hpa", "functions.autoscaling.maxReplicas=20", "actors.autoscaling.kind=hpa", "gateway.relay.enabled=false", "gateway.autoscaling.kind=hpa", "gateway.service.type=NodePort",
            "telemetry.podMonitor.enabled=true", "telemetry.prometheusRule.enabled=true", "networkPolicy.enabled=false", "dapr.nativeSidecar=false",
        ],
        ["node worker"] =
        [
            "image.tag=next", "resources.limits.memory=64Gi", "worker.memory=3Gi", "worker.maxSessions=8", "drain.graceSeconds=600", "podLabels.a=b", "extraEnv[0].name=A", "extraEnv[0].value=b",
            "sharedMemory=2Gi", "host.region=elsewhere", "telemetry.podMonitor.enabled=true",
        ],
        ["node gpu"] = ["gpu.count=2", "gpu.product=NVIDIA-L4", "gpu.memory=24Gi", "gpu.runtimeClassName=nvidia", "networkPolicy.enabled=false", "topologySpread.enabled=false"],
    };

    public static TheoryData<string, string> Profiles => Profile.Names;

    public static TheoryData<string, string, string> Changed
    {
        get
        {
            var table = new TheoryData<string, string, string>();
            foreach (var profile in Profile.All)
                foreach (string change in Changes.Keys.Where(c => c.StartsWith(profile.Chart + " ", StringComparison.Ordinal)))
                    table.Add(profile.Chart, profile.Name, change);
            return table;
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_next_version_installs_over_the_last_release(string chart, string profile)
    {
        var declared = Profile.Of(chart, profile);
        if (Environment.GetEnvironmentVariable(FreezeSwitch) == "1")
            File.WriteAllText(FileOf(declared), Head + ImmutableFields.Freeze(Rendering.Of(chart, profile)));
        using var next = new ChartCopy(declared);

        var after = next.Render();

        after.ShouldContain(m => m.Text.Contains("9.9.9"), "it is another version");
        UpgradeRules.Problems(Last(declared), after).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Changed))]
    public void Values_change_from_day_to_day_without_anything_made_anew(string chart, string profile, string change)
    {
        var declared = Profile.Of(chart, profile);
        using var next = new ChartCopy(declared);

        var after = next.Render([.. Everyday.Concat(Changes[change]).SelectMany(set => new[] { "--set", set })]);

        after.ShouldContain(m => m.Text.Contains("team: next"));
        UpgradeRules.Problems(Last(declared), after).ShouldBeEmpty();
    }

    [Fact]
    public void Nodes_come_and_go_without_anything_made_anew()
    {
        var declared = Profile.Of("node", "node-host");
        using var next = new ChartCopy(declared);

        foreach (string replicas in new[] { "1", "7" })
            UpgradeRules.Problems(Last(declared), next.Render("--set", $"replicas={replicas}")).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("node", "node-host", "data.size=128Gi", "spec.volumeClaimTemplates")]
    [InlineData("node", "node-host", "cache.persistent=false", "spec.volumeClaimTemplates")]
    [InlineData("node", "dra", "dapr.appId=node-1111111111111111111111111111111111111111111111111111", "app-id")]
    [InlineData("orchestrator", "production", "blobs.pvc.size=1Ti", "do not shrink")]
    [InlineData("orchestrator", "production", "blobs.pvc.storageClass=other", "spec.storageClassName")]
    [InlineData("orchestrator", "production", "state.postgresql.tablePrefix=other_", "tablePrefix")]
    [InlineData("orchestrator", "production", "nameOverride=other,fullnameOverride=demo-orchestrator", "spec.selector")]
    [InlineData("orchestrator", "minimal", "fullnameOverride=other", "is gone")]
    public void What_the_READMEs_say_not_to_change_is_found(string chart, string profile, string set, string problem)
    {
        var declared = Profile.Of(chart, profile);
        using var next = new ChartCopy(declared);

        UpgradeRules.Problems(Last(declared), next.Render("--set", set)).ShouldContain(p => p.Contains(problem));
    }

    private static IReadOnlyList<Manifest> Last(Profile profile)
    {
        string file = FileOf(profile);
        File.Exists(file).ShouldBeTrue($"{file} is what to upgrade from: a new profile gets one with {FreezeSwitch}=1");
        var last = Manifest.Read(File.ReadAllText(file));
        last.ShouldNotBeEmpty();
        return last;
    }

    private static string FileOf(Profile profile) => Repository.At("tests", "Orchestrator.Charts.Tests", "Upgrade", $"{profile.Chart}-{profile.Name}.yaml");
}
