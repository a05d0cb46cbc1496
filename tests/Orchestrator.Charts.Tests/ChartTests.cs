using Orchestrator.Charts.Tests.Kit;
using Orchestrator.Charts.Tests.Rules;
using Orchestrator.Charts.Tests.Strict;
using YamlDotNet.RepresentationModel;

namespace Orchestrator.Charts.Tests;

/// <summary>Every rule over everything that the charts render.</summary>
public sealed class ChartTests
{
    public static TheoryData<string, string> Profiles => Profile.Names;

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Every_object_is_of_a_known_kind_and_says_only_what_that_kind_has(string chart, string profile) =>
        Rendering.Of(chart, profile).Select(StrictKinds.Problem).Where(p => p is not null).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Strings_are_written_as_strings(string chart, string profile) => StringRules.Violations(Rendering.Of(chart, profile)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Names_and_labels_are_taken(string chart, string profile) => NameRules.Violations(Rendering.Of(chart, profile)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Selectors_select_what_they_should(string chart, string profile) => SelectorRules.Violations(Rendering.Of(chart, profile)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Ports_lead_to_containers(string chart, string profile) => PortRules.Violations(Rendering.Of(chart, profile)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Whatever_is_named_is_made_or_declared(string chart, string profile)
    {
        var declared = Profile.Of(chart, profile);
        new ReferenceRules(declared.Secrets, declared.Objects).Violations(Rendering.Of(chart, profile)).ShouldBeEmpty();
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Pods_meet_the_restricted_standard(string chart, string profile) =>
        new PodSecurityRules("functions").Violations(Rendering.Of(chart, profile)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Scalers_and_budgets_leave_each_other_room(string chart, string profile) => ScalingRules.Violations(Rendering.Of(chart, profile)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Volumes_and_mounts_match(string chart, string profile) => VolumeRules.Violations(Rendering.Of(chart, profile)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Files_are_where_the_environment_says(string chart, string profile) => FileRules.Violations(Rendering.Of(chart, profile)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void A_stop_fits_into_the_grace_period(string chart, string profile) => DrainRules.Violations(Rendering.Of(chart, profile)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_environment_is_what_the_programs_read(string chart, string profile) =>
        new EnvironmentRules(OptionTypes.BySection, SourceTree.Contains).Violations(Rendering.Of(chart, profile)).ShouldBeEmpty();

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Roles_grant_what_the_controller_calls(string chart, string profile)
    {
        var manifests = Rendering.Of(chart, profile);
        new RbacRules(Listed("controller-rules.yaml"), Listed("controller-cluster-rules.yaml")).Violations(manifests).ShouldBeEmpty();
        if (chart == "node")
            manifests.ShouldNotContain(m => m.ApiVersion.StartsWith("rbac") || m.Kind == "CustomResourceDefinition", "a host gives a node no rights in its cluster");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void The_chart_renders_for_every_version_of_Kubernetes_it_claims(string chart, string profile)
    {
        var declared = Profile.Of(chart, profile);
        foreach (string kube in declared.Kube)
            Rendering.Of(declared, kube).Select(m => m.Id).ShouldBe(Rendering.Of(chart, profile).Select(m => m.Id), kube);
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Helm_test_asks_a_pod_that_passes_the_same_rules(string chart, string profile)
    {
        var pod = Rendering.Of(chart, profile).Single(m => m.Kind == "Pod");

        pod.Root.Path("metadata", "annotations").Text("helm.sh/hook").ShouldBe("test");
        pod.Text.ShouldContain("/readyz");
        if (chart == "orchestrator")
            pod.Text.ShouldContain("/v1/models");
    }

    [Theory]
    [MemberData(nameof(Profiles))]
    public void Helm_finds_nothing_to_complain_about(string chart, string profile)
    {
        var declared = Profile.Of(chart, profile);
        // helm lint of this version knows no other Kubernetes than its own, where DRA is not there yet.
        string[] asOld = profile == "dra" ? ["--set", "gpu.mode=devicePlugin"] : [];
        var (code, output, error) = Helm.Run(["lint", "--strict", declared.Folder, .. declared.Arguments, .. asOld]);
        code.ShouldBe(0, output + error);
    }

    [Theory]
    [InlineData("orchestrator", "minimal")]
    [InlineData("node", "minimal")]
    public void Objects_of_the_values_are_templates(string chart, string profile)
    {
        string extra = """extraObjects=[{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"{{ .Release.Name }}-extra","namespace":"ai"}},"apiVersion: v1\nkind: Secret\nmetadata: {name: more, namespace: ai}"]""";

        var manifests = Rendering.With(Profile.Of(chart, profile), "1.36.0", "--set-json", extra);

        manifests.ShouldContain(m => m.Id == "ConfigMap/demo-extra");
        manifests.ShouldContain(m => m.Id == "Secret/more");
    }

    [Theory]
    [InlineData("orchestrator", "production", "functions.httpRoute.enabled=true,functions.httpRoute.parentRefs[0].name=public")]
    [InlineData("orchestrator", "production", "gateway.replicas=1,gateway.relay.hosts=null,gateway.hosts={gateway.example.com}")]
    [InlineData("orchestrator", "production", "gateway.relay.hosts={a.example.com,b.example.com,c.example.com,d.example.com},gateway.replicas=4,gateway.service.type=ClusterIP")]
    [InlineData("orchestrator", "production", "gateway.relay.enabled=false,gateway.autoscaling.kind=hpa")]
    [InlineData("orchestrator", "production", "blobs.backend=azure,blobs.azure.existingSecret=orchestrator-durable,gateway.blobKeySecret=orchestrator-controller")]
    [InlineData("orchestrator", "production", "durable.backend=mssql,functions.image.repository=orchestrator-functions-mssql,functions.autoscaling.kind=keda,functions.publicUrl=https://api.example.com")]
    [InlineData("orchestrator", "production", "controller.watchNamespaces={models,more}")]
    [InlineData("orchestrator", "production", "functions.image.digest=sha256:0000000000000000000000000000000000000000000000000000000000000000")]
    [InlineData("orchestrator", "azure", "gateway.enabled=false")]
    [InlineData("orchestrator", "azure", "networkPolicy.enabled=false,topologySpread.enabled=false")]
    [InlineData("node", "node-host", "dataPlane.mode=podIP,gateway.relay=")]
    [InlineData("node", "node-host", "gateway.relay=:8444,gateway.url=https://gateway-0.example.com:8443\\,https://gateway-1.example.com:8443")]
    [InlineData("node", "node-host", "replicas=1,dataPlane.mode=address,dataPlane.address=node.example.com")]
    [InlineData("node", "node-host", "gpu.allowShared=true,gpu.resourceName=nvidia.com/gpu.shared,gpu.product=NVIDIA-L4,gpu.memory=24Gi")]
    [InlineData("node", "minimal", "data.persistent=false,identity.existingSecret=node-identity")]
    public void Other_values_keep_the_rules_too(string chart, string profile, string set)
    {
        var manifests = Rendering.With(Profile.Of(chart, profile), "1.36.0", "--set", set);

        manifests.Select(StrictKinds.Problem).Where(p => p is not null).ShouldBeEmpty();
        List<string> violations =
        [
            .. StringRules.Violations(manifests), .. NameRules.Violations(manifests), .. SelectorRules.Violations(manifests), .. PortRules.Violations(manifests),
            .. ScalingRules.Violations(manifests), .. VolumeRules.Violations(manifests), .. FileRules.Violations(manifests), .. DrainRules.Violations(manifests),
            .. new PodSecurityRules("functions").Violations(manifests), .. new EnvironmentRules(OptionTypes.BySection, SourceTree.Contains).Violations(manifests),
        ];
        violations.ShouldBeEmpty();
    }

    private static HashSet<string> Listed(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Repository.At("charts", "orchestrator", "files", file))));
        return [.. RbacRules.Grants(stream.Documents[0].RootNode)];
    }
}
