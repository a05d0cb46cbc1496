using System.Text.Json.Nodes;
using Orchestrator.Controller.Reconciling;
using Orchestrator.Controller.Resources;
using Orchestrator.Controller.Tests.Kit;
using Orchestrator.Core.Placement;
using Orchestrator.TestKit;

namespace Orchestrator.Controller.Tests;

/// <summary>From an InferenceModel to workers, a placement and a status, against the fake API server.</summary>
public sealed class ReconcileTests
{
    [Fact]
    public async Task A_model_gets_workers_is_published_placed_and_becomes_ready()
    {
        await using var world = await World.StartAsync();
        world.Upload();
        await world.ControlAsync();
        world.Create(change: spec => { spec["replicas"] = 2; spec["redundancy"] = 2; spec["assurance"] = "redundant"; });

        await world.ServeAsync();
        await world.ConditionAsync("Progressing", "False");

        var model = world.Find()!;
        var status = model.Status!;
        (status.Model, status.Chains, status.Replicas, status.ObservedGeneration).ShouldBe((world.Model.Manifest.Name, 2, 2, model.Metadata.Generation));
        status.Shards.Select(s => (s.Stage, s.Workload, s.Pods, s.ReadyPods, s.Loaded)).ShouldBe([(0, "chat-s0", 2, 2, 2), (1, "chat-s1", 2, 2, 2)]);
        status.Shards[1].Nodes.ShouldBe([new PodNode { Pod = "chat-s1-0", Node = FakeWorkloads.NodeOf("chat-s1-0").Value }, new PodNode { Pod = "chat-s1-1", Node = FakeWorkloads.NodeOf("chat-s1-1").Value }]);
        status.Conditions.Select(c => (c.Type, c.Status)).ShouldBe([("Ready", "True"), ("Progressing", "False"), ("Degraded", "False")]);
        world.Platform.PlacementsOf(world.Model.Manifest.Name).ShouldBe(
            [.. from stage in new[] { 0, 1 } from replica in new[] { 0, 1 } select new StagePlacement(FakeWorkloads.NodeOf($"chat-s{stage}-{replica}"), stage)], ignoreOrder: true);
        // Told after the status that says it.
        await world.UntilAsync(() => world.Cluster.List(Kinds.Events, World.Namespace).Items.Any(e => e["reason"]!.GetValue<string>() == "ChainsServe"), "no event");
    }

    [Fact]
    public async Task A_settled_model_is_left_alone()
    {
        await using var world = await World.StartAsync();
        world.Upload();
        await world.ControlAsync();
        world.Create();
        await world.ServeAsync();
        await world.ConditionAsync("Progressing", "False");
        long version = world.Cluster.Version;
        int placements = world.Platform.Placements.Items.Count;

        // Three more rounds, each of which asks the platform and applies everything anew.
        int asked = world.Platform.Requests.Items.Count;
        await world.Platform.Requests.CountAsync(asked + 3);

        Versions(world, except: Kinds.Events).ShouldBeLessThanOrEqualTo(version);
        world.Platform.Placements.Items.Count.ShouldBe(placements);
    }

    [Fact]
    public async Task A_failing_model_is_not_tried_in_a_hot_loop()
    {
        await using var world = await World.StartAsync();
        await world.ControlAsync(world.Options() with { Pace = Given.Options.Pace with { FirstBackoff = TimeSpan.FromMinutes(10), LongestBackoff = TimeSpan.FromMinutes(10) } });
        world.Create();
        await world.ConditionAsync("Degraded", "True", "SourceUnavailable");
        int asked = world.Platform.Requests.Items.Count;

        // Its own writes and the pods that come meanwhile are no reason to try again.
        for (int i = 0; i < 5; i++)
            world.Workloads.Step();
        world.Create("other");
        await world.ConditionAsync("Degraded", "True", "SourceUnavailable", "other");

        world.Platform.Requests.Items.Count.ShouldBeLessThanOrEqualTo(asked + 2);
        // News ends the backoff.
        world.Upload();
        world.Cluster.Edit(Kinds.Models, World.Namespace, "chat", "kubectl", m => m["spec"]!["replicas"] = 2);
        await world.ConditionAsync("Degraded", "False");
    }

    [Fact]
    public async Task Changes_by_hand_are_put_back_and_what_is_not_wanted_goes()
    {
        await using var world = await World.StartAsync();
        world.Upload();
        await world.ControlAsync();
        world.Create(change: spec => spec["replicas"] = 2);
        await world.ServeAsync();

        world.Cluster.Edit(Kinds.StatefulSets, World.Namespace, "chat-s0", "kubectl", s => s["spec"]!["replicas"] = 7);
        await world.UntilAsync(() => Replicas(world) == 2, "the workload keeps 7 replicas");
        world.Cluster.Delete(new Place(Kinds.Services, World.Namespace, "chat-workers"));
        await world.UntilAsync(() => world.Cluster.Find(Kinds.Services, World.Namespace, "chat-workers") is not null, "the service is gone");

        var stray = world.Cluster.Find(Kinds.DisruptionBudgets, World.Namespace, "chat-s0")!;
        stray["metadata"]!["name"] = "chat-s9";
        world.Cluster.Create(Kinds.DisruptionBudgets, World.Namespace, stray, "orchestrator-controller (apply)");
        await world.UntilAsync(() => world.Cluster.Find(Kinds.DisruptionBudgets, World.Namespace, "chat-s9") is null, "the stray budget stays");
    }

    [Fact]
    public async Task Scaling_changes_workers_and_placement_and_keeps_what_others_placed()
    {
        await using var world = await World.StartAsync();
        world.Upload();
        await world.ControlAsync();
        world.Create(change: spec => spec["replicas"] = 2);
        await world.ServeAsync();
        var foreign = new StagePlacement(Some.Node(77), 1);
        world.Platform.Place(world.Model.Manifest.Name, [foreign]);

        world.Cluster.Edit(Kinds.Models, World.Namespace, "chat", "kubectl", m => m["spec"]!["replicas"] = 1);
        await world.UntilAsync(() => Replicas(world) == 1, "2 replicas");
        world.Workloads.Step();
        await world.UntilAsync(() => world.Platform.PlacementsOf(world.Model.Manifest.Name).Count == 3, "the placement keeps the second replica");

        world.Platform.PlacementsOf(world.Model.Manifest.Name).ShouldBe(
            [new(FakeWorkloads.NodeOf("chat-s0-0"), 0), new(FakeWorkloads.NodeOf("chat-s1-0"), 1), foreign], ignoreOrder: true);
    }

    [Fact]
    public async Task A_deleted_model_leaves_the_platform_before_it_goes_and_takes_its_workers_along()
    {
        await using var world = await World.StartAsync();
        world.Upload();
        await world.ControlAsync();
        world.Create();
        await world.ServeAsync();
        world.Find()!.Metadata.Finalizers.ShouldBe([Reconciler.Finalizer]);
        world.Platform.Down = true;

        world.Cluster.Delete(new Place(Kinds.Models, World.Namespace, "chat"));
        await world.UntilAsync(() => world.Cluster.List(Kinds.Events, World.Namespace).Items.Any(e => e["reason"]!.GetValue<string>() == Problem.CannotWithdraw), "no event");
        world.Find().ShouldNotBeNull();
        world.Cluster.Find(Kinds.StatefulSets, World.Namespace, "chat-s0").ShouldNotBeNull();

        world.Platform.Down = false;
        await world.UntilAsync(m => m is null);
        world.Platform.PlacementsOf(world.Model.Manifest.Name).ShouldBeEmpty();
        world.Cluster.List(Kinds.StatefulSets, World.Namespace).Items.ShouldBeEmpty();
        world.Cluster.List(Kinds.Pods, World.Namespace).Items.ShouldBeEmpty();
        world.Cluster.List(Kinds.Services, World.Namespace).Items.ShouldBeEmpty();
    }

    [Fact]
    public async Task A_model_can_be_let_go_without_the_platform()
    {
        await using var world = await World.StartAsync();
        world.Upload();
        await world.ControlAsync();
        world.Create();
        await world.ServeAsync();
        world.Platform.Down = true;
        world.Cluster.Delete(new Place(Kinds.Models, World.Namespace, "chat"));

        world.Cluster.Edit(Kinds.Models, World.Namespace, "chat", "kubectl", m => m["metadata"]!["annotations"] = new JsonObject { ["orchestrator.dev/abandon"] = "true" });

        await world.UntilAsync(m => m is null);
        world.Platform.PlacementsOf(world.Model.Manifest.Name).ShouldNotBeEmpty();
    }

    [Fact]
    public async Task An_outage_of_the_platform_leaves_the_workers_alone_and_readiness_unknown()
    {
        await using var world = await World.StartAsync();
        world.Upload();
        await world.ControlAsync();
        world.Create();
        await world.ServeAsync();

        world.Platform.Down = true;
        await world.ConditionAsync("Ready", "Unknown", "PlatformUnreachable");
        var during = world.Find()!.Status!;
        during.Chains.ShouldBe(1);
        during.Shards[0].Nodes.ShouldHaveSingleItem();
        world.Cluster.Find(Kinds.StatefulSets, World.Namespace, "chat-s0").ShouldNotBeNull();

        world.Platform.Down = false;
        await world.ConditionAsync("Ready", "True");
        await world.ConditionAsync("Degraded", "False");
    }

    private static int Replicas(World world) => world.Cluster.Find(Kinds.StatefulSets, World.Namespace, "chat-s0")!["spec"]!["replicas"]!.GetValue<int>();

    private static long Versions(World world, ResourceKind except) =>
        new[] { Kinds.Models, Kinds.StatefulSets, Kinds.DisruptionBudgets, Kinds.Services, Kinds.ServiceAccounts, Kinds.Pods, Kinds.Events }.Where(k => k != except)
            .SelectMany(k => world.Cluster.List(k, World.Namespace).Items).Max(i => long.Parse(i["metadata"]!["resourceVersion"]!.GetValue<string>()));
}
