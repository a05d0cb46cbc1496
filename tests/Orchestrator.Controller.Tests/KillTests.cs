using System.Text.Json.Nodes;
using Orchestrator.Controller.Hosting;
using Orchestrator.Controller.Resources;
using Orchestrator.Controller.Tests.Kit;
using Orchestrator.Core.Placement;
using Orchestrator.TestKit;

namespace Orchestrator.Controller.Tests;

/// <summary>A controller that is killed at any one of its writes to the cluster or to the platform, before it takes effect or before its answer comes, and another that finds what is left.</summary>
public sealed class KillTests
{
    private const int AtATime = 6;

    private static readonly ResourceKind Leases = new("coordination.k8s.io", "v1", "leases", "Lease");
    private static readonly FakeModel Other = new(stages: 2, seed: 2);
    private static readonly StagePlacement Foreign = new(Some.Node(77), 1);

    // Replicas before and after, 0 is no model; and how many things there are to write to.
    [Theory]
    [InlineData(0, 1, 11)]
    [InlineData(1, 2, 5)]
    [InlineData(2, 1, 5)]
    [InlineData(2, 0, 3)]
    public Task What_a_killed_controller_began_another_ends(int from, int to, int leastTargets) => KillEverywhereAsync(from, to, to, leastTargets);

    [Theory]
    [InlineData(0, 1, 0, 11)]
    [InlineData(1, 2, 1, 5)]
    public Task What_a_killed_controller_began_another_undoes_when_it_is_no_longer_wanted(int from, int to, int meanwhile, int leastTargets) =>
        KillEverywhereAsync(from, to, meanwhile, leastTargets);

    private static async Task KillEverywhereAsync(int from, int to, int end, int leastTargets)
    {
        var expected = await WithoutKillAsync(end);
        if (from > 0)
            expected.Add(Snapshot.Placed(new FakeModel(stages: 2).Manifest.Name, Foreign.Node.Value, Foreign.Stage));
        var (_, writes) = await RunAsync(null, from, to, end, expected);
        var points =
            from takesEffect in new[] { false, true }
            from write in writes.CountBy(w => w)
            from nth in Enumerable.Range(1, write.Value)
            select new KillPoint(write.Key, nth, takesEffect);
        List<KillPoint> died = [];
        foreach (var batch in points.Chunk(AtATime))
        {
            var runs = await Task.WhenAll(batch.Select(point => RunAsync(point, from, to, end, expected)));
            // How many statuses and events there are on the way depends on who is faster.
            died.AddRange(batch.Where((_, run) => runs[run].Killed));
        }

        string all = string.Join('\n', died);
        died.ShouldContain(p => p.Write == "POST /api/models/fake-1/place" && p.TakesEffect, all);
        died.Select(p => (p.Write, p.TakesEffect)).Distinct().Count().ShouldBeGreaterThanOrEqualTo(2 * leastTargets, all);
    }

    private static async Task<(bool Killed, IReadOnlyList<string> Writes)> RunAsync(KillPoint? point, int from, int to, int end, HashSet<string> expected)
    {
        string what = $"From {from} to {to} to {end} replicas, {point?.ToString() ?? "not killed"}";
        await using var world = await StartAsync();
        var first = await world.ControlAsync(world.Options("first"));
        if (from > 0)
        {
            Ask(world, from);
            await UntilAsync(world, () => IsSettled(world, from), () => $"{what}: not even at the start");
            world.Platform.Place(world.Model.Manifest.Name, [Foreign]);
        }

        world.Kill.Arm(point);
        Ask(world, to);
        string done = from == 0 ? "ChainsServe" : to == 0 ? "Withdrawn" : "Placed";
        await UntilAsync(world, () => world.Kill.Dead || (IsSettled(world, to) && IsTold(world, done)), () => $"{what}: neither died nor came to its end");
        bool killed = world.Kill.Disarm();
        var writes = world.Kill.Writes;
        if (killed)
            await SucceedAsync(world, first, to == end ? null : end, what);
        if (!killed && to != end)
            return (false, writes);

        await UntilAsync(world, () => IsSettled(world, end) && expected.SetEquals(Seen(world)), () => Difference(what, expected, Seen(world)));
        if (end > 0)
            world.Find()!.Status!.PlacementVersion.ShouldBe(world.Platform.Placements.Items.Count, what);
        world.Platform.Publications.Items.Count(name => name == world.Model.Manifest.Name).ShouldBeLessThanOrEqualTo(1, what);
        world.Platform.Placements.Items.Zip(world.Platform.Placements.Items.Skip(1)).ShouldAllBe(p => !p.First.SequenceEqual(p.Second), what);
        return (killed, writes);
    }

    private static async Task SucceedAsync(World world, ControllerHost first, int? meanwhile, string what)
    {
        // Nothing that it does to stop arrives any more: it does not even give the lease back.
        await first.StopAsync();
        world.Cluster.Find(Leases, World.Namespace, "orchestrator-controller")!["spec"]!["holderIdentity"]!.GetValue<string>().ShouldBe("first", what);
        // Its time runs out; the elector's clock is its own.
        world.Cluster.Delete(new Place(Leases, World.Namespace, "orchestrator-controller"));
        world.Kill.Revive();
        if (meanwhile is { } replicas)
            Ask(world, replicas);
        await world.ControlAsync(world.Options("second"));
    }

    private static async Task<HashSet<string>> WithoutKillAsync(int replicas)
    {
        await using var world = await StartAsync();
        await world.ControlAsync();
        if (replicas > 0)
            Ask(world, replicas);
        await UntilAsync(world, () => IsSettled(world, replicas), () => $"{replicas} replicas, without any kill");
        var seen = Seen(world);
        seen.Count(line => line.Contains(": stage ", StringComparison.Ordinal)).ShouldBe((2 * replicas) + 1);
        return seen;
    }

    private static async Task<World> StartAsync()
    {
        var world = await World.StartAsync();
        world.Upload();
        world.Platform.Publish(Other, new StagePlacement(Some.Node(78), 0));
        // With all the labels of a child, but nobody's.
        world.Cluster.Create(Kinds.ServiceAccounts, World.Namespace, new JsonObject
        {
            ["metadata"] = new JsonObject { ["name"] = "stranger", ["labels"] = new JsonObject { ["app.kubernetes.io/managed-by"] = "orchestrator-controller", ["orchestrator.dev/model"] = "chat" } },
        }, "kubectl");
        return world;
    }

    private static void Ask(World world, int replicas)
    {
        if (replicas == 0)
            world.Cluster.Delete(new Place(Kinds.Models, World.Namespace, "chat"));
        else if (world.Find() is null)
            world.Create(change: spec => spec["replicas"] = replicas);
        else
            world.Cluster.Edit(Kinds.Models, World.Namespace, "chat", "kubectl", m => m["spec"]!["replicas"] = replicas);
    }

    private static bool IsSettled(World world, int replicas)
    {
        if (world.Find() is not { } model)
            return replicas == 0;
        return model.Status is { } status
            && status.Conditions.Select(c => (c.Type, c.Status)).SequenceEqual([("Ready", "True"), ("Progressing", "False"), ("Degraded", "False")])
            && status.Conditions.All(c => c.ObservedGeneration == model.Metadata.Generation)
            && status.Shards.All(s => (s.Pods, s.ReadyPods, s.Loaded, s.Nodes.Count) == (replicas, replicas, replicas, replicas));
    }

    private static bool IsTold(World world, string reason) => world.Cluster.List(Kinds.Events, World.Namespace).Items.Any(e => e["reason"]!.GetValue<string>() == reason);

    private static HashSet<string> Seen(World world) => Snapshot.Of(world, world.Model.Manifest.Name, Other.Manifest.Name);

    private static string Difference(string what, HashSet<string> expected, HashSet<string> seen) =>
        $"{what}.\nMissing:\n{string.Join('\n', expected.Except(seen))}\nToo much:\n{string.Join('\n', seen.Except(expected))}";

    // Kubelets and nodes do not stop for a controller that is dead.
    private static Task UntilAsync(World world, Func<bool> condition, Func<string> state)
    {
        long acted = 0;
        return Eventually.Holds(() =>
        {
            long version = world.Cluster.Version;
            if (acted != version)
                Act(world);
            acted = version;
            if (world.Platform.PlacementsOf(world.Model.Manifest.Name).Count > 0)
                world.Platform.Load(world.Model.Manifest.Name);
            return Task.FromResult(condition());
        }, state);
    }

    private static void Act(World world)
    {
        try
        {
            world.Workloads.Step();
        }
        catch (ApiFailure e) when (e.Code == 404)
        {
            // Its workload was deleted meanwhile.
        }
    }
}
