using Orchestrator.Charts.Tests.Kit;
using Orchestrator.Charts.Tests.Rules;

namespace Orchestrator.Charts.Tests;

/// <summary>Each rule of upgrades over a change that breaks it, from the whole state before and from what is committed of it.</summary>
public sealed class UpgradeRuleTests
{
    [Theory]
    [InlineData("{ matchLabels: { app: web } }", "{ matchLabels: { app: site } }", "Deployment/web: spec.selector was")]
    [InlineData("{ matchLabels: { app: each } }", "{ matchLabels: { app: all } }", "DaemonSet/each: spec.selector was")]
    [InlineData("{ matchLabels: { app: node } }", "{ matchLabels: { app: nodes } }", "StatefulSet/node: spec.selector was")]
    [InlineData("serviceName: node", "serviceName: nodes", "spec.serviceName was node and would be nodes")]
    [InlineData("podManagementPolicy: Parallel", "podManagementPolicy: OrderedReady", "spec.podManagementPolicy was Parallel")]
    [InlineData("storage: 8Gi", "storage: 9Gi", "spec.volumeClaimTemplates was")]
    [InlineData("labels: { app: node } }", "labels: { app: node, team: one } }", "spec.volumeClaimTemplates was")]
    [InlineData("kind: StatefulSet\nmetadata: { name: node", "kind: StatefulSet\nmetadata: { name: nodes", "StatefulSet/node is gone: claims")]
    [InlineData("dapr.io/app-id: node-1", "dapr.io/app-id: node-2", "app-id node-1 is gone")]
    [InlineData("image: \"once:1\"", "image: \"once:2\"", "Job/once: spec.template was")]
    [InlineData("clusterIP: None", "type: ClusterIP", "spec.clusterIP was None and would be nothing")]
    [InlineData("port: 80,", "port: 81,", "port 80 is gone")]
    [InlineData("kind: Service\nmetadata: { name: node", "kind: Service\nmetadata: { name: nodes", "Service/node is gone: clients")]
    [InlineData("[ReadWriteMany]", "[ReadWriteOnce]", "spec.accessModes was [ReadWriteMany]")]
    [InlineData("storageClassName: shared", "storageClassName: other", "spec.storageClassName was shared")]
    [InlineData("storage: 1Ti", "storage: 1000Gi", "do not shrink from 1Ti to 1000Gi")]
    [InlineData("  name: blobs", "  name: files", "PersistentVolumeClaim/blobs is gone: its data")]
    [InlineData("helm.sh/resource-policy: keep", "helm.sh/resource-policy: drop", "would be no longer")]
    [InlineData("type: Opaque", "type: kubernetes.io/tls", "type was Opaque")]
    [InlineData("token: YQ==", "password: YQ==", "key token is gone")]
    [InlineData("name: keys,", "name: key,", "Secret/keys is gone: its keys")]
    [InlineData("limit: \"3\"", "limit: \"4\"", "ConfigMap/rules: it is immutable")]
    [InlineData("immutable: true", "immutable: false", "ConfigMap/rules: it is immutable")]
    [InlineData("name: account", "name: accounts", "ServiceAccount/account is gone: clouds")]
    [InlineData("kind: Role,", "kind: ClusterRole,", "RoleBinding/bound: roleRef was")]
    [InlineData("kind: ClusterRole, name: everywhere", "kind: ClusterRole, name: all", "ClusterRoleBinding/everywhere: roleRef was")]
    [InlineData("exactly: { count: 1 }", "exactly: { count: 2 }", "ResourceClaimTemplate/gpu: spec was")]
    [InlineData("provisioner: disks.example.com", "provisioner: other.example.com", "StorageClass/fast: provisioner was")]
    [InlineData("value: 1000", "value: 2000", "PriorityClass/first: value was 1000")]
    [InlineData("scope: Namespaced", "scope: Cluster", "spec.scope was Namespaced")]
    [InlineData("group: example.com", "group: example.org", "spec.group was example.com")]
    [InlineData("name: models.example.com", "name: models.example.org", "models.example.com is gone: every object")]
    [InlineData("{ name: v2, served: true, storage: false }", "{ name: v2, served: false, storage: false }", "served version v2 is gone")]
    [InlineData("{ name: v1, served: false, storage: true }", "{ name: v3, served: true, storage: true }", "stored version v1 is gone")]
    [InlineData("version: v2\n", "version: v1\n", "spec.version was v2")]
    [InlineData("value: appid", "value: name", "keyPrefix was appid and would be name")]
    [InlineData("{ name: timeout, value: 1s }", "{ name: consumerID, value: x }", "consumerID was nothing and would be x")]
    [InlineData("name: statestore", "name: store", "Component/statestore is gone: what its apps kept")]
    [InlineData("topic: results", "topic: answers", "spec.topic was results")]
    [InlineData("{ name: results, namespace", "{ name: answers, namespace", "Subscription/results is gone: messages")]
    public void What_cannot_change_is_found(string text, string other, string problem)
    {
        Promised.Text.Split(text).Length.ShouldBe(2, "the text is there once");
        var before = Manifest.Read(Promised.Text);
        var after = Manifest.Read(Promised.Text.Replace(text, other));

        UpgradeRules.Problems(before, after).ShouldHaveSingleItem().ShouldContain(problem);
        UpgradeRules.Problems(Manifest.Read(ImmutableFields.Freeze(before)), after).ShouldHaveSingleItem().ShouldContain(problem);
    }

    [Theory]
    [InlineData("replicas: 1", "replicas: 5")]
    [InlineData("image: \"node:1\"", "image: \"node:2\"")]
    [InlineData("storage: 1Ti", "storage: 1025Gi")]
    [InlineData("token: YQ==", "token: Yg==")]
    [InlineData("token: YQ==", "token: YQ==, more: Yg==")]
    [InlineData("targetPort: 8080", "targetPort: http")]
    [InlineData("[{ port: 80,", "[{ port: 81 }, { port: 80,")]
    [InlineData("value: 1s", "value: 2s")]
    [InlineData("- { name: v1,", "- { name: v3, served: true, storage: false }\n    - { name: v1,")]
    [InlineData("{ name: v1, served: false, storage: true }\n    - { name: v2, served: true, storage: false }", "{ name: v1, served: false, storage: false }\n    - { name: v2, served: true, storage: true }")]
    [InlineData("kind: Deployment\nmetadata: { name: web", "kind: Deployment\nmetadata: { name: site")]
    [InlineData("name: account, namespace: ai }", "name: account, namespace: ai }\n---\nkind: ServiceAccount\nmetadata: { name: more, namespace: ai }")]
    public void What_may_change_is_not(string text, string other)
    {
        Promised.Text.Split(text).Length.ShouldBe(2, "the text is there once");
        var before = Manifest.Read(Promised.Text);
        var after = Manifest.Read(Promised.Text.Replace(text, other));

        UpgradeRules.Problems(before, after).ShouldBeEmpty();
        UpgradeRules.Problems(Manifest.Read(ImmutableFields.Freeze(before)), after).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("labels: { app: node } }", "labels: { app: node, helm.sh/chart: node-1 } }", "StatefulSet/node: label helm.sh/chart")]
    [InlineData("matchLabels: { app: web }", "matchLabels: { app: web, app.kubernetes.io/version: \"1\" }", "Deployment/web: label app.kubernetes.io/version")]
    public void A_version_where_nothing_can_change_is_found_before_the_version_changes(string text, string other, string problem)
    {
        var same = Manifest.Read(Promised.Text.Replace(text, other));

        UpgradeRules.Problems(same, same).ShouldHaveSingleItem().ShouldContain(problem);
    }

    [Fact]
    public void A_hook_may_change_and_go_as_Helm_makes_it_anew()
    {
        const string hook = "kind: Secret\nmetadata: { name: a, namespace: ai, annotations: { helm.sh/hook: test } }\ndata: { a: YQ== }";

        UpgradeRules.Problems(Manifest.Read(hook), []).ShouldBeEmpty();
        ImmutableFields.Freeze(Manifest.Read(hook)).ShouldBeEmpty();
    }

    [Fact]
    public void What_is_committed_holds_no_secret() => ImmutableFields.Freeze(Manifest.Read(Promised.Text)).ShouldNotContain("YQ==");
}
