using System.Text.RegularExpressions;
using CsCheck;
using k8s;
using k8s.Models;
using Orchestrator.Controller.Desired;
using Orchestrator.Controller.Options;
using Orchestrator.Controller.Resources;
using Orchestrator.Controller.Tests.Kit;
using Orchestrator.Worker.Hosting;

namespace Orchestrator.Controller.Tests;

/// <summary>What a model wants in the cluster.</summary>
public sealed partial class DesiredTests
{
    private static readonly Gen<(InferenceModel Model, ResourceProfile Profile)> Models =
        from stages in Gen.Int[1, 256]
        from replicas in Gen.Int[1, 64]
        from length in Gen.Int[1, 40]
        from gpu in Gen.Bool
        from persistent in Gen.Bool
        select (Given.Model(stages, replicas, new string('m', length)), (gpu ? Given.H100 : Given.Cpu) with { Storage = Given.Cpu.Storage with { Persistent = persistent } });

    [Fact]
    public void The_same_model_wants_the_same_and_every_object_is_named_labelled_and_owned() => Models.Sample(given =>
    {
        var (model, profile) = given;
        var desired = DesiredState.Of(model, profile, Given.Options.Workers);

        KubernetesJson.Serialize(DesiredState.Of(model, profile, Given.Options.Workers)).ShouldBe(KubernetesJson.Serialize(desired));
        desired.Workloads.Count.ShouldBe(model.Spec.Sharding.Stages);
        desired.All.Select(d => (d.Kind, d.Body.Metadata.Name)).ShouldBeUnique();
        foreach (var (kind, body) in desired.All)
        {
            body.ApiVersion.ShouldBe(kind.ApiVersion);
            body.Kind.ShouldBe(kind.Kind);
            body.Metadata.NamespaceProperty.ShouldBe(model.Metadata.NamespaceProperty);
            body.Metadata.Name.ShouldMatch(Label().ToString());
            WorkerLabels.ModelOf(body).ShouldBe(model.Key());
            string.Join(',', body.Metadata.Labels.Select(l => $"{l.Key}={l.Value}")).ShouldContain(WorkerLabels.ManagedBy);
            body.Metadata.OwnerReferences.ShouldHaveSingleItem().Uid.ShouldBe(model.Metadata.Uid);
        }
    }, iter: 100);

    [Fact]
    public void Workloads_select_their_own_pods_and_no_others() => Models.Sample(given =>
    {
        var desired = DesiredState.Of(given.Model, given.Profile, Given.Options.Workers);
        foreach (var (workload, budget) in desired.Workloads.Zip(desired.Budgets))
        {
            var labels = workload.Spec.Template.Metadata.Labels;
            desired.Workloads.Count(w => w.Spec.Selector.MatchLabels.All(l => labels.TryGetValue(l.Key, out string? v) && v == l.Value)).ShouldBe(1);
            budget.Spec.Selector.MatchLabels.ShouldBe(workload.Spec.Selector.MatchLabels);
            desired.Service.Spec.Selector.ShouldAllBe(l => labels[l.Key] == l.Value);
            // The pod's name and the revision that Kubernetes appends are DNS labels too.
            $"{workload.Metadata.Name}-0123456789".Length.ShouldBeLessThanOrEqualTo(63);
            workload.Spec.ServiceName.ShouldBe(desired.Service.Metadata.Name);
        }
    }, iter: 50);

    [Fact]
    public void Pods_meet_the_restricted_pod_security_standard() => Models.Sample(given =>
    {
        foreach (var pod in DesiredState.Of(given.Model, given.Profile, Given.Options.Workers).Workloads.Select(w => w.Spec.Template.Spec))
        {
            (pod.SecurityContext.RunAsNonRoot, pod.SecurityContext.SeccompProfile.Type, pod.AutomountServiceAccountToken).ShouldBe((true, "RuntimeDefault", false));
            pod.HostNetwork.ShouldNotBe(true);
            pod.Volumes.ShouldAllBe(v => v.HostPath == null);
            var container = pod.Containers.ShouldHaveSingleItem();
            (container.SecurityContext.AllowPrivilegeEscalation, container.SecurityContext.ReadOnlyRootFilesystem).ShouldBe((false, true));
            container.SecurityContext.Capabilities.Drop.ShouldBe(["ALL"]);
            var volumes = pod.Volumes.Select(v => v.Name).Concat(given.Profile.Storage.Persistent ? ["state"] : []).ToList();
            container.VolumeMounts.Select(m => m.Name).ShouldBe(volumes, ignoreOrder: true);
        }
    }, iter: 20);

    [Fact]
    public void Every_object_is_valid_for_the_api_server()
    {
        var admission = new Admission(CrdSchema.Load());
        foreach (var profile in new[] { Given.Cpu, Given.H100 })
        {
            var template = Given.Options.Workers with
            {
                Environment = new Dictionary<string, string> { ["Worker__GatewayUrl"] = "https://gateway:8443" },
                Secrets = [new SecretMount { Name = "gateway-ca", MountPath = "/etc/orchestrator/ca" }],
                ImagePullSecrets = ["pull"],
                PodAnnotations = new Dictionary<string, string> { ["a/b"] = "c" },
            };
            foreach (var (kind, body) in DesiredState.Of(Given.Model(), profile, template).All)
                admission.Admit(new Place(kind, World.Namespace, body.Metadata.Name), null, System.Text.Json.Nodes.JsonNode.Parse(KubernetesJson.Serialize(body))!.AsObject());
        }
    }

    [Fact]
    public void A_gpu_profile_asks_for_the_gpu_and_hands_the_machines_labels_to_the_worker()
    {
        var pod = DesiredState.Of(Given.Model(profile: "h100"), Given.H100, Given.Options.Workers).Workloads[0].Spec.Template.Spec;
        var container = pod.Containers[0];

        container.Image.ShouldBe("registry.test/worker-gpu:1");
        container.Resources.Limits["nvidia.com/gpu"].ToInt64().ShouldBe(1);
        container.Resources.Requests["nvidia.com/gpu"].ShouldBe(container.Resources.Limits["nvidia.com/gpu"]);
        (pod.RuntimeClassName, pod.NodeSelector.Count, pod.Tolerations.Count).ShouldBe(("nvidia", 1, 1));
        string file = container.Env.Single(e => e.Name == "Worker__GpuLabelsFile").Value;
        var volume = pod.Volumes.Single(v => v.DownwardAPI is not null);
        var mount = container.VolumeMounts.Single(m => m.Name == volume.Name);
        file.ShouldBe($"{mount.MountPath}/{volume.DownwardAPI.Items[0].Path}");
        volume.DownwardAPI.Items[0].FieldRef.FieldPath.ShouldContain(WorkerLabels.GpuLabels);
        container.Env.ShouldNotContain(e => e.Name == "Worker__AllowSharedGpu");

        var cpu = DesiredState.Of(Given.Model(), Given.Cpu, Given.Options.Workers).Workloads[0].Spec.Template.Spec;
        cpu.Containers[0].Image.ShouldBe("registry.test/worker:1");
        cpu.Volumes.ShouldNotContain(v => v.DownwardAPI != null);
    }

    [Fact]
    public void The_worker_understands_its_environment()
    {
        foreach (var profile in new[] { Given.Cpu, Given.H100 with { Gpu = Given.H100.Gpu! with { AllowShared = true } } })
        {
            var container = DesiredState.Of(Given.Model(), profile, Given.Options.Workers).Workloads[1].Spec.Template.Spec.Containers[0];
            var properties = typeof(WorkerOptions).GetProperties().Select(p => $"Worker__{p.Name}").ToHashSet();
            container.Env.Select(e => e.Name).Where(n => n.StartsWith("Worker__", StringComparison.Ordinal)).ShouldBeSubsetOf(properties);
            var own = container.Env.Where(e => e.ValueFrom is not null).Select(e => e.Name).ToList();
            own.ShouldBe(["POD_NAME", "REPLICA"]);
            // A name is expanded only when it is defined further up.
            container.Env.Take(2).Select(e => e.Name).ShouldBe(own);
            container.Env.ShouldAllBe(e => e.ValueFrom != null || Given.Options.Workers.Environment.ContainsKey(e.Name) || Orchestrator.Controller.Desired.WorkerEnvironment.IsOwn(e.Name));
            string Value(string name) => container.Env.Single(e => e.Name == name).Value;
            Value("Worker__AdvertiseAddress").ShouldBe("$(POD_NAME).chat-workers.models.svc.cluster.local");
            Value("Worker__Host").ShouldBe("platform-$(REPLICA)");
            long disk = new ResourceQuantity(profile.Storage.Size).ToInt64();
            (long.Parse(Value("Worker__CacheBytes")) + long.Parse(Value("Worker__EvidenceBytes"))).ShouldBeLessThan(disk);
            TimeSpan.Parse(Value("Worker__DrainGrace")).ShouldBe(Given.Options.Workers.DrainGrace);
        }
    }

    [Fact]
    public void A_worker_that_stops_has_longer_than_its_sessions_may_take() =>
        DesiredState.Of(Given.Model(), Given.Cpu, Given.Options.Workers).Workloads[0].Spec.Template.Spec.TerminationGracePeriodSeconds
            .ShouldBe((long)Given.Options.Workers.DrainGrace.TotalSeconds + 15);

    [GeneratedRegex("^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$")]
    private static partial Regex Label();
}
