using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using k8s.Models;
using Orchestrator.Charts.Tests.Kit;
using Orchestrator.Charts.Tests.Rules;
using Orchestrator.Controller.Desired;
using Orchestrator.Controller.Resources;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Charts.Tests;

/// <summary>The workers that the controller makes of the chart's options: a worker takes what it is given, and policies and monitors of the chart find it.</summary>
public sealed class ManagedWorkerTests
{
    // The profiles hold a placeholder of a key, which workers refuse.
    private static readonly string[] ControllerOn = ["--set", $"controller.enabled=true,controller.platformKey={new string('a', 64)}"];

    public static TheoryData<string> Profiles => ["minimal", "production"];

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_worker_takes_the_options_that_chart_and_controller_give_it(string profile)
    {
        foreach (var pod in Pods(With(profile)))
        {
            var environment = pod.Spec.Containers.Single().Env.ToDictionary(e => e.Name, e => e.Value ?? "0");
            foreach (string name in environment.Keys)
                environment[name] = environment.Aggregate(environment[name], (text, other) => text.Replace($"$({other.Key})", other.Value, StringComparison.Ordinal));

            var options = EnvironmentRules.Bind(typeof(WorkerOptions), "Worker", environment.Where(e => e.Key.StartsWith("Worker__", StringComparison.Ordinal)).ToDictionary())
                .ShouldBeOfType<WorkerOptions>();

            options.Validate().ShouldBeEmpty();
            options.GatewayUrl.ShouldNotBeNullOrEmpty();
            (options.DataPort, options.StreamPort, options.HealthPort).ShouldBe((DesiredState.DataPort, DesiredState.StreamPort, DesiredState.HealthPort));
        }
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_policy_lets_the_platform_and_other_nodes_in_and_nobody_to_the_health_port(string profile)
    {
        var manifests = With(profile);
        var policy = manifests.Single(m => m.Kind == "NetworkPolicy" && SelectorRules.LabelsOf(m) is { } && SelectorRules.SelectorOf(m) is null);

        foreach (var pod in Pods(manifests))
        {
            Selects(policy, pod).ShouldBeTrue();
            manifests.Where(m => m.Kind is "NetworkPolicy" or "Service" or "PodDisruptionBudget" && m != policy).ShouldAllBe(m => !Selects(m, pod));
            policy.Root.At("spec").Items("ingress").Where(rule => !rule.Items("from").Any()).SelectMany(rule => rule.Items("ports")).Select(p => PortOf(pod, p.Text("port")!))
                .ShouldBe(profile == "minimal" ? [DesiredState.DataPort, DesiredState.StreamPort, DesiredState.MetricsPort] : [DesiredState.DataPort, DesiredState.StreamPort]);
            PortRules.Asked(policy).Select(p => PortOf(pod, p!)).ShouldNotContain(DesiredState.HealthPort);
        }
    }

    [Fact]
    public void Every_watched_namespace_has_the_policy_and_is_scraped()
    {
        var manifests = Rendering.With(Profile.Of("orchestrator", "production"), "1.36.0", "--set", "controller.watchNamespaces={models,more}");
        var monitor = manifests.Single(m => m.Kind == "PodMonitor" && m.Name.EndsWith("-workers", StringComparison.Ordinal));

        manifests.Where(m => m.Kind == "NetworkPolicy" && m.Name.EndsWith("-workers", StringComparison.Ordinal)).Select(m => m.Namespace).ShouldBe(["models", "more"]);
        monitor.Root.Path("spec", "namespaceSelector").Texts("matchNames").ShouldBe(["models", "more"]);
        Pods(manifests).ShouldAllBe(pod => Selects(monitor, pod) && PortOf(pod, "metrics") == DesiredState.MetricsPort);
    }

    [Fact]
    public void With_a_certificate_of_the_charts_own_workers_know_the_gateway_by_it()
    {
        var manifests = With("minimal");
        var environment = ControllerFile.Read(manifests).Workers.Environment;
        string text = manifests.Single(m => m.Id == "Secret/demo-orchestrator-gateway-tls").Root.At("data").Text("tls.crt")!;
        using var certificate = X509Certificate2.CreateFromPem(Encoding.UTF8.GetString(Convert.FromBase64String(text)));
        var url = new Uri(environment["Worker__GatewayUrl"]);

        environment["Worker__GatewayCertificate"].ShouldBe(certificate.GetCertHashString(HashAlgorithmName.SHA256).ToLowerInvariant());
        certificate.MatchesHostname(url.Host).ShouldBeTrue();
        manifests.ShouldContain(m => m.Kind == "Service" && url.Host == $"{m.Name}.{m.Namespace}.svc" && m.Root.At("spec").Items("ports").Any(p => p.Text("port") == $"{url.Port}"));
    }

    private static IReadOnlyList<Manifest> With(string profile) =>
        Rendering.With(Profile.Of("orchestrator", profile), "1.36.0", ControllerOn);

    private static IEnumerable<V1PodTemplateSpec> Pods(IReadOnlyList<Manifest> manifests)
    {
        var options = ControllerFile.Read(manifests);
        var model = new InferenceModel
        {
            Metadata = new V1ObjectMeta { Name = "chat", NamespaceProperty = "ai", Uid = "1" },
            Spec = new InferenceModelSpec { Sharding = new ModelSharding { Stages = 1 } },
        };
        return options.Profiles.Values.Select(profile => DesiredState.Of(model, profile, options.Workers).Workloads.Single().Spec.Template);
    }

    private static bool Selects(Manifest manifest, V1PodTemplateSpec pod) => SelectorRules.LabelsOf(manifest).Pairs().Matches(pod.Metadata.Labels.AsReadOnly());

    private static int PortOf(V1PodTemplateSpec pod, string name) => pod.Spec.Containers.SelectMany(c => c.Ports).Single(p => p.Name == name).ContainerPort;
}
