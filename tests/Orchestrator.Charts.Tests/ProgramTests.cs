using System.Text;
using System.Text.Json;
using Orchestrator.Actors;
using Orchestrator.Actors.Host;
using Orchestrator.Charts.Tests.Kit;
using Orchestrator.Charts.Tests.Rules;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.Verification;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Charts.Tests;

/// <summary>The programs' own checks take what the charts give them.</summary>
public sealed class ProgramTests
{
    [Theory]
    [InlineData("minimal")]
    [InlineData("node-host")]
    [InlineData("dra")]
    public void A_node_takes_its_options(string profile)
    {
        // The profiles hold a placeholder, which the worker refuses.
        var manifests = Rendering.With(Profile.Of("node", profile), "1.36.0", "--set-string", $"platform.publicKey={new string('a', 64)}");
        var environment = PodEnvironment.Of(manifests.Single(m => m.Kind == "StatefulSet"), manifests);

        var options = EnvironmentRules.Bind(typeof(WorkerOptions), "Worker", environment.Where(e => e.Key.StartsWith("Worker__")).ToDictionary()).ShouldBeOfType<WorkerOptions>();

        options.Validate().ShouldBeEmpty();
        long size = 1L << 30;
        options.CacheBytes.ShouldBe(profile switch { "minimal" => 8 * size * 9 / 10 / (1 << 20) * (1 << 20), "node-host" => 360 * size, _ => 36 * size });
        options.EvidenceFolder.ShouldNotBeNull().ShouldStartWith("/var/lib/orchestrator/data/", Case.Sensitive, "evidence must outlive the pod");
    }

    [Theory]
    [InlineData("minimal")]
    [InlineData("production")]
    public void The_actors_take_their_options_and_the_rules(string profile)
    {
        var manifests = Rendering.Of("orchestrator", profile);
        var environment = PodEnvironment.Of(manifests.Single(m => m.Id.EndsWith("-actors") && m.Kind == "Deployment"), manifests);

        EnvironmentRules.Bind(typeof(ActorsOptions), "Actors", environment.Where(e => e.Key.StartsWith("Actors__")).ToDictionary()).ShouldBeOfType<ActorsOptions>()
            .Problems(environment["APP_API_TOKEN"]).ShouldBeEmpty();
        Rules(manifests).Fingerprint.ShouldBe(NetworkRules.Default.Fingerprint);
    }

    [Fact]
    public void Rules_of_the_values_reach_actors_and_control_plane_alike()
    {
        var manifests = Rendering.With(Profile.Of("orchestrator", "minimal"), "1.36.0", "--set-json", "networkRules={\"reputation\":{\"presence\":{\"threshold\":0.7}}}");

        Rules(manifests).Reputation.Presence.Threshold.ShouldBe(0.7);
        var files = manifests.Where(m => m.Kind == "Deployment").Select(m => PodEnvironment.Of(m, manifests)).SelectMany(e => e.Where(v => v.Key.EndsWith("__RulesFile")));
        files.Select(f => f.Key).ShouldBe(["Actors__RulesFile", "ControlPlane__RulesFile"], ignoreOrder: true);
        files.Select(f => f.Value).Distinct().ShouldHaveSingleItem();
    }

    [Fact]
    public void The_controller_takes_its_file()
    {
        var manifests = Rendering.Of("orchestrator", "production");

        var options = ControllerFile.Read(manifests);

        options.Profiles.Keys.ShouldBe(["cpu", "gpu"], ignoreOrder: true);
        options.Profiles["gpu"].Gpu.ShouldNotBeNull().Resource.ShouldBe("nvidia.com/gpu");
        options.Profiles["gpu"].ModelMemoryBytes.ShouldBe(20L << 30);
        options.Workers.GpuImage.ShouldBe("registry.example.com/orchestrator/orchestrator-worker-gpu:0.1.0");
        manifests.ShouldContain(m => m.Kind == "Service" && options.PlatformUrl!.Host == $"{m.Name}.{m.Namespace}.svc");
        Should.Throw<JsonException>(() => ControllerFile.Parse("""{"Controller": {"platformUri": "x"}}"""));
    }

    [Fact]
    public void Secrets_that_the_chart_makes_are_usable()
    {
        var secret = Rendering.Of("orchestrator", "minimal").Single(m => m.Id == "Secret/demo-orchestrator-platform").Root.At("data").Pairs()
            .ToDictionary(p => p.Key, p => Encoding.UTF8.GetString(Convert.FromBase64String(p.Value)));
        string folder = Directory.CreateTempSubdirectory("orchestrator-charts").FullName;
        try
        {
            foreach (var (name, text) in secret)
                File.WriteAllText(Path.Combine(folder, name), text);
            using var key = SigningKey.LoadOrCreate(Path.Combine(folder, "platform.key"));
            key.PublicKey.Length.ShouldBe(32);
            List<string> problems = [];
            var ring = ApiKeyRing.TryLoad(Path.Combine(folder, "api-keys.json"), problems);
            problems.ShouldBeEmpty();
            ring!.Find(secret["api-key"]).ShouldNotBeNull().Role.ShouldBe(Role.Admin);
            ring.Find(secret["api-key"] + "x").ShouldBeNull();
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData("minimal")]
    [InlineData("production")]
    [InlineData("azure")]
    public void No_secret_is_on_a_command_line_or_in_a_ConfigMap(string profile)
    {
        var manifests = Rendering.Of("orchestrator", profile);
        var secrets = manifests.Where(m => m.Kind == "Secret").SelectMany(m => m.Root.At("data").Pairs().Values).Select(v => Encoding.UTF8.GetString(Convert.FromBase64String(v))).ToList();

        foreach (var manifest in manifests.Where(m => m.Kind != "Secret"))
            secrets.ShouldAllBe(s => !manifest.Text.Contains(s), manifest.Id);
        manifests.Where(m => m.Kind != "Secret" && m.Kind != "CustomResourceDefinition").ShouldAllBe(m => !m.Text.Contains("AccountKey=") && !m.Text.Contains("Password="));
    }

    private static NetworkRules Rules(IReadOnlyList<Manifest> manifests)
    {
        string file = Path.GetTempFileName();
        try
        {
            File.WriteAllText(file, manifests.Single(m => m.Name.EndsWith("-rules") && m.Kind == "ConfigMap").Root.At("data").Text("rules.json"));
            return NetworkRules.Load(file);
        }
        finally
        {
            File.Delete(file);
        }
    }
}
