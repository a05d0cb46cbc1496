using Orchestrator.Charts.Tests.Kit;
using Orchestrator.Charts.Tests.Rules;
using Orchestrator.Charts.Tests.Strict;

namespace Orchestrator.Charts.Tests;

/// <summary>Each rule over something that breaks it: a rule that cannot fail proves nothing.</summary>
public sealed class RuleTests
{
    private static readonly ReferenceRules References = new(new Dictionary<string, string[]>(), []);
    private static readonly EnvironmentRules Environment = new(OptionTypes.BySection, name => name == "\"TOKEN\"");

    [Fact]
    public void A_sound_set_breaks_none()
    {
        var manifests = Manifest.Read(Broken.Sound);

        manifests.Select(StrictKinds.Problem).ShouldAllBe(p => p == null);
        StringRules.Violations(manifests).ShouldBeEmpty();
        NameRules.Violations(manifests).ShouldBeEmpty();
        SelectorRules.Violations(manifests).ShouldBeEmpty();
        PortRules.Violations(manifests).ShouldBeEmpty();
        References.Violations(manifests).ShouldBeEmpty();
        new PodSecurityRules().Violations(manifests).ShouldBeEmpty();
        ScalingRules.Violations(manifests).ShouldBeEmpty();
        VolumeRules.Violations(manifests).ShouldBeEmpty();
        DrainRules.Violations(manifests).ShouldBeEmpty();
        FileRules.Violations(manifests).ShouldBeEmpty();
        Environment.Violations(manifests).ShouldBeEmpty();
    }

    [Theory]
    [InlineData("replicas: 2", "replica: 2")]
    [InlineData("replicas: 2", "replicas: two")]
    [InlineData("replicas: 2", "replicas: [2]")]
    [InlineData("memory: 1Gi", "memory: 1Gib")]
    [InlineData("token: YQ==", "token: '*'")]
    [InlineData("kind: Service\n", "kind: Servise\n")]
    [InlineData("enforced: none", "")]
    public void What_its_kind_does_not_have_is_found(string text, string other)
    {
        var manifests = text == "enforced: none"
            ? Manifest.Read("apiVersion: dapr.io/v2alpha1\nkind: Subscription\nmetadata: { name: a, namespace: b }\nspec: { pubsubname: p, topic: t, routes: { default: /x } }")
            : Broken.By(text, other);

        manifests.Select(StrictKinds.Problem).Count(p => p is not null).ShouldBe(1);
    }

    [Fact]
    public void A_key_that_is_there_twice_is_an_error() =>
        Should.Throw<YamlDotNet.Core.YamlException>(() => Broken.By("replicas: 2", "replicas: 2\n  replicas: 3"));

    [Theory]
    [InlineData("version: \"1.0\"", "version: 1.0", "labels 'version'")]
    [InlineData("note: \"1\"", "note: true", "annotations 'note'")]
    [InlineData("value: \"7\"", "value: 7", "env 'Worker__MaxSessions'")]
    [InlineData("value: \"7\"", "value: off", "env 'Worker__MaxSessions'")]
    [InlineData("value: \"7\"", "value: 2026-01-01", "env 'Worker__MaxSessions'")]
    [InlineData("value: \"7\"", "value: 1e3", "env 'Worker__MaxSessions'")]
    [InlineData("Worker__Threads: \"2\"", "Worker__Threads: 2", "data 'Worker__Threads'")]
    [InlineData("\"8080\"]", "8080]", "args")]
    public void An_unquoted_number_or_switch_is_found(string text, string other, string violation) =>
        StringRules.Violations(Broken.By(text, other)).ShouldHaveSingleItem().ShouldContain(violation);

    [Theory]
    [InlineData("name: keys, namespace: ai", "name: Keys, namespace: ai", "refused")]
    [InlineData("name: keys, namespace: ai", "name: keys", "no namespace")]
    [InlineData("labels: { app: web, version: \"1.0\" }", "labels: { app: web, version: \"1.0+x\" }", "label")]
    [InlineData("kind: Service\nmetadata: { name: web,", "kind: Service\nmetadata: { name: web.x,", "DNS label")]
    [InlineData("kind: Secret\nmetadata: { name: keys, namespace: ai }\ndata:\n  token: YQ==", "kind: ConfigMap\nmetadata: { name: web, namespace: ai }", "2 times")]
    public void A_name_or_label_that_is_refused_is_found(string text, string other, string violation) =>
        NameRules.Violations(Broken.By(text, other)).ShouldHaveSingleItem().ShouldContain(violation);

    [Theory]
    [InlineData("matchLabels: { app: web }\n  template", "matchLabels: { app: web, tier: x }\n  template", "does not select its own pods")]
    [InlineData("selector: { app: web }", "selector: { app: other }", "Service/web selects no pods")]
    [InlineData("selector: { app: web }", "selector: { app: web, statefulset.kubernetes.io/pod-name: web-0 }", "Service/web selects no pods")]
    [InlineData("    matchLabels: { app: web }\n---", "    matchLabels: { app: other }\n---", "PodDisruptionBudget/web selects no pods")]
    public void A_selector_that_misses_is_found(string text, string other, string violation) =>
        SelectorRules.Violations(Broken.By(text, other)).ShouldHaveSingleItem().ShouldContain(violation);

    [Theory]
    [InlineData("targetPort: http", "targetPort: web", "Service/web names port 'web'")]
    [InlineData("path: /readyz, port: http", "path: /readyz, port: web", "probes port web")]
    [InlineData("- { name: http, containerPort: 8080 }", "- { name: http, containerPort: 8080 }\n            - { name: other, containerPort: 8080 }", "8080 twice")]
    public void A_port_that_nobody_has_is_found(string text, string other, string violation) =>
        PortRules.Violations(Broken.By(text, other)).ShouldHaveSingleItem().ShouldContain(violation);

    [Theory]
    [InlineData("secretKeyRef: { name: keys, key: token }", "secretKeyRef: { name: keys, key: password }", "key password")]
    [InlineData("secretKeyRef: { name: keys, key: token }", "secretKeyRef: { name: other, key: token }", "secret other")]
    [InlineData("configMapRef: { name: web }", "configMapRef: { name: other }", "ConfigMap other")]
    [InlineData("serviceAccountName: web", "serviceAccountName: other", "ServiceAccount other")]
    [InlineData("emptyDir: { sizeLimit: 1Gi }", "persistentVolumeClaim: { claimName: other }", "PersistentVolumeClaim other")]
    [InlineData("note: \"1\"", "dapr.io/api-token-secret: other", "secret other, key token")]
    public void A_reference_to_nothing_is_found(string text, string other, string violation) =>
        References.Violations(Broken.By(text, other)).ShouldHaveSingleItem().ShouldContain(violation);

    [Fact]
    public void A_secret_that_is_declared_but_never_named_is_found() =>
        new ReferenceRules(new Dictionary<string, string[]> { ["other"] = ["a"] }, []).Violations(Manifest.Read(Broken.Sound)).ShouldHaveSingleItem().ShouldContain("nothing names it");

    [Theory]
    [InlineData("runAsNonRoot: true", "runAsNonRoot: false", "root")]
    [InlineData("runAsUser: 65532", "runAsUser: 0", "no user, or root")]
    [InlineData("seccompProfile: { type: RuntimeDefault }", "seccompProfile: { type: Unconfined }", "seccomp")]
    [InlineData("allowPrivilegeEscalation: false", "allowPrivilegeEscalation: true", "escalate")]
    [InlineData("drop: [ALL]", "drop: [NET_RAW]", "capabilities")]
    [InlineData("readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "write to its root")]
    [InlineData("automountServiceAccountToken: false", "automountServiceAccountToken: true", "no rights")]
    [InlineData("terminationGracePeriodSeconds: 60", "hostNetwork: true", "hostNetwork")]
    [InlineData("emptyDir: { sizeLimit: 1Gi }", "hostPath: { path: / }", "hostPath")]
    [InlineData("limits: { memory: 1Gi }", "requests: { memory: 1Gi }", "memory limit")]
    [InlineData("containerPort: 8080 }", "containerPort: 8080, hostPort: 80 }", "port of the machine")]
    public void A_pod_that_is_not_restricted_is_found(string text, string other, string violation) =>
        new PodSecurityRules().Violations(Broken.By(text, other)).ShouldHaveSingleItem().ShouldContain(violation);

    [Theory]
    [InlineData("maxUnavailable: 1", "minAvailable: 2", "lets no pod")]
    [InlineData("replicas: 2", "replicas: 1", "allows 1 of 1")]
    [InlineData("  replicas: 2\n", "", "nothing scales it")]
    public void A_budget_without_room_is_found(string text, string other, string violation) =>
        ScalingRules.Violations(Broken.By(text, other)).ShouldContain(v => v.Contains(violation));

    [Fact]
    public void Replicas_under_a_scaler_are_found() =>
        ScalingRules.Violations(Broken.By("apiVersion: v1\nkind: Secret", """
            apiVersion: keda.sh/v1alpha1
            kind: ScaledObject
            metadata: { name: web, namespace: ai }
            spec:
              minReplicaCount: 2
              scaleTargetRef: { name: web }
            ---
            apiVersion: v1
            kind: Secret
            """)).ShouldHaveSingleItem().ShouldContain("says replicas");

    [Theory]
    [InlineData("{ name: tmp, mountPath: /tmp }", "{ name: temp, mountPath: /tmp }", 2)]
    [InlineData("{ name: tmp, mountPath: /tmp }", "{ name: tmp, mountPath: /tmp }\n            - { name: tmp, mountPath: /tmp }", 1)]
    [InlineData("emptyDir: { sizeLimit: 1Gi }", "emptyDir: {}", 1)]
    public void Mounts_and_volumes_that_do_not_match_are_found(string text, string other, int count) =>
        VolumeRules.Violations(Broken.By(text, other)).Count.ShouldBe(count);

    [Theory]
    [InlineData("Worker__Threads: \"2\"", "Worker__KeyFile: /keys/node.key", "where nothing is mounted")]
    [InlineData("\"8080\"]", "/etc/web.json]", "args names /etc/web.json")]
    public void A_file_that_is_not_mounted_is_found(string text, string other, string violation) =>
        FileRules.Violations(Broken.By(text, other)).ShouldHaveSingleItem().ShouldContain(violation);

    [Fact]
    public void A_file_that_its_volume_does_not_hold_is_found() =>
        FileRules.Violations(Manifest.Read(Broken.Sound.Replace("Worker__Threads: \"2\"", "Worker__KeyFile: /tmp/node.key").Replace("emptyDir: { sizeLimit: 1Gi }", "secret: { secretName: keys, items: [{ key: token, path: token }] }")))
            .ShouldHaveSingleItem().ShouldContain("holds token");

    [Theory]
    [InlineData("terminationGracePeriodSeconds: 60", "terminationGracePeriodSeconds: 35")]
    [InlineData("value: \"00:00:30\"", "value: \"00:01:00\"")]
    [InlineData("seconds: 5", "seconds: 30")]
    public void A_stop_that_takes_longer_than_the_pod_has_is_found(string text, string other) =>
        DrainRules.Violations(Broken.By(text, other)).ShouldHaveSingleItem().ShouldContain("is killed after");

    [Theory]
    [InlineData("Worker__Threads", "Worker__Treads", "Treads")]
    [InlineData("value: \"7\"", "value: seven", "MaxSessions")]
    [InlineData("name: TOKEN", "name: TOKENS", "no program reads TOKENS")]
    [InlineData("name: TOKEN", "name: CONTAINER_NAME", "must not be set")]
    [InlineData("name: TOKEN", "name: AzureFunctionsWebHost__hostid", "WEBSITE_HOSTNAME is missing")]
    [InlineData("name: Worker__MaxSessions", "name: Worker__DrainGrace", "there twice")]
    [InlineData("Worker__Threads", "Werker__Threads", "no program reads Werker__Threads")]
    public void A_variable_that_nobody_reads_is_found(string text, string other, string violation) =>
        Environment.Violations(Broken.By(text, other)).ShouldContain(v => v.Contains(violation));

    [Theory]
    [InlineData("verbs: [get]", "verbs: [get, delete]", "grants delete apps/deployments, which nobody asked for")]
    [InlineData("verbs: [get]", "verbs: [list]", "does not grant get apps/deployments")]
    [InlineData("kind: Role, name: a", "kind: Role, name: b", "binds Role b")]
    [InlineData("name: sa, namespace: ai }]", "name: sb, namespace: ai }]", "is for ServiceAccount sb")]
    public void A_role_that_grants_something_else_is_found(string text, string other, string violation)
    {
        string sound = """
            apiVersion: v1
            kind: ServiceAccount
            metadata: { name: sa, namespace: ai }
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: Role
            metadata: { name: a, namespace: ai }
            rules: [{ apiGroups: [apps], resources: [deployments], verbs: [get] }]
            ---
            apiVersion: rbac.authorization.k8s.io/v1
            kind: RoleBinding
            metadata: { name: a, namespace: ai }
            roleRef: { apiGroup: rbac.authorization.k8s.io, kind: Role, name: a }
            subjects: [{ kind: ServiceAccount, name: sa, namespace: ai }]
            """;
        var rules = new RbacRules(new HashSet<string> { "get apps/deployments" }, new HashSet<string>());

        rules.Violations(Manifest.Read(sound)).ShouldBeEmpty();
        rules.Violations(Manifest.Read(sound.Replace(text, other))).ShouldContain(v => v.Contains(violation));
    }
}
