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

    private static HashSet<string> Listed(string file)
    {
        var stream = new YamlStream();
        stream.Load(new StringReader(File.ReadAllText(Repository.At("charts", "orchestrator", "files", file))));
        return [.. RbacRules.Grants(stream.Documents[0].RootNode)];
    }
}
