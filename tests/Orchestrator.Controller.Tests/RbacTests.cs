using Orchestrator.Controller.Resources;
using Orchestrator.Controller.Tests.Kit;

namespace Orchestrator.Controller.Tests;

/// <summary>The controller's rights are what it uses: the fake API server refuses everything else, and this run uses every one.</summary>
public sealed class RbacTests
{
    [Fact]
    public async Task The_chart_gives_exactly_the_rights_that_a_models_life_takes()
    {
        await using var world = await World.StartAsync();
        world.Upload();
        world.Cluster.Create(Kinds.Nodes, "", new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["name"] = world.Workloads.Machine } }, "kubelet");
        var host = await world.ControlAsync();
        world.Create(change: spec => { spec["replicas"] = 2; spec["resourceProfile"] = "h100"; spec["sharding"]!["stages"] = 3; });
        await world.ConditionAsync("Degraded", "True", "StagesMismatch");
        // A third workload, its budget, a service and an account that are not wanted any more.
        foreach (var (kind, name) in new[] { (Kinds.Services, "chat-workers"), (Kinds.ServiceAccounts, "chat-workers") })
        {
            var stray = world.Cluster.Find(kind, World.Namespace, name)!;
            stray["metadata"]!["name"] = "chat-stray";
            world.Cluster.Create(kind, World.Namespace, stray, "somebody");
        }

        world.Cluster.Edit(Kinds.Models, World.Namespace, "chat", "kubectl", m => m["spec"]!["sharding"]!["stages"] = 2);
        await world.UntilAsync(() => world.Cluster.Find(Kinds.StatefulSets, World.Namespace, "chat-s2") is null, "the third stage stays");
        await world.ServeAsync();
        await world.UntilAsync(() => world.Cluster.Find(Kinds.Pods, World.Namespace, "chat-s0-0")?["metadata"]?["annotations"] is not null, "no labels");
        world.Cluster.Delete(new Place(Kinds.Models, World.Namespace, "chat"));
        await world.UntilAsync(m => m is null);
        await host.StopAsync();

        var used = world.Server.Calls.Items.Select(c => c.Right).ToHashSet();
        Rbac.Load().Except(used).ShouldBeEmpty("rights that nothing uses");
        used.Except(Rbac.Load()).ShouldBeEmpty("rights that are missing");
        Rbac.Read("controller-cluster-rules.yaml").ShouldBe([new Right("get", "", "nodes")]);
    }

    [Fact]
    public async Task A_missing_right_is_refused_by_the_fake_and_told()
    {
        await using var world = await World.StartAsync();
        world.Upload();
        world.Server.Fault = right => right is { Resource: "statefulsets", Verb: "patch" } ? new ApiFailure(403, "Forbidden", "statefulsets is forbidden") : null;
        await world.ControlAsync();
        world.Create();

        await world.ConditionAsync("Degraded", "True", "ClusterRefused");
        world.Server.Fault = _ => null;
        await world.ConditionAsync("Degraded", "False");
    }
}
