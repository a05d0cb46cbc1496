using Orchestrator.Controller.Resources;
using Orchestrator.Controller.Tests.Kit;

namespace Orchestrator.Controller.Tests;

/// <summary>What watches do when streams end, break or are too old.</summary>
public sealed class WatchTests
{
    [Fact]
    public async Task A_watch_that_ends_goes_on_from_its_last_version_without_listing_again()
    {
        await using var world = await World.StartAsync();
        await world.ControlAsync();
        await world.Server.Watches.Begun.CountAsync(6);
        world.Create("one");
        await world.UntilAsync(m => m?.Status is not null, "one");
        int lists = Lists(world);

        world.Server.Watches.End();
        await world.Server.Watches.Begun.WhenAsync(all => all.Count(w => w.Resource == "inferencemodels") >= 2, "a second watch of models");
        world.Create("two");
        await world.UntilAsync(m => m?.Status is not null, "two");

        var begun = world.Server.Watches.Begun.Items.Where(w => w.Resource == "inferencemodels").Select(w => w.Since).ToList();
        begun[1].ShouldBeGreaterThan(begun[0]);
        Lists(world).ShouldBe(lists);
    }

    [Fact]
    public async Task A_broken_connection_is_made_anew_and_misses_nothing()
    {
        await using var world = await World.StartAsync();
        await world.ControlAsync();
        await world.Server.Watches.Begun.CountAsync(6);

        world.Server.Watches.Abort();
        world.Create();

        await world.UntilAsync(m => m?.Status is not null);
    }

    [Fact]
    public async Task A_bookmark_moves_a_quiet_watch_on()
    {
        await using var world = await World.StartAsync();
        await world.ControlAsync();
        await world.Server.Watches.Begun.CountAsync(6);
        for (int i = 0; i < 5; i++)
            world.Cluster.Create(Kinds.Nodes, "", new() { ["metadata"] = new System.Text.Json.Nodes.JsonObject { ["name"] = $"machine-{i}" } }, "kubelet");
        long now = world.Cluster.Version;

        await world.Server.Watches.BookmarkAsync();
        world.Server.Watches.End();

        await world.Server.Watches.Begun.WhenAsync(all => all.Any(w => w.Resource == "statefulsets" && w.Since >= now), $"a watch from {now} or later, as a lease may have been renewed since");
    }

    [Fact]
    public async Task A_version_that_is_too_old_lists_again_and_sees_what_went_meanwhile()
    {
        await using var world = await World.StartAsync();
        world.Upload();
        await world.ControlAsync();
        world.Create();
        await world.ServeAsync();
        int lists = Lists(world);

        // Nobody watches while the service goes, and the history is cut.
        world.Server.Fault = right => right.Verb == "watch" ? new ApiFailure(503, "ServiceUnavailable", "overloaded") : null;
        world.Server.Watches.Abort();
        world.Cluster.Delete(new Place(Kinds.Services, World.Namespace, "chat-workers"));
        world.Cluster.Compact();
        world.Server.Fault = _ => null;

        await world.UntilAsync(() => world.Cluster.Find(Kinds.Services, World.Namespace, "chat-workers") is not null, "the service stays away");
        await world.UntilAsync(() => Lists(world) > lists, "nothing was listed again");
    }

    [Fact]
    public async Task Lists_come_in_pages()
    {
        await using var world = await World.StartAsync();
        for (int i = 0; i < 1_203; i++)
            world.Create($"m{i}", spec => spec["resourceProfile"] = "none");
        using var kubernetes = world.Server.Connect();
        var cluster = new Orchestrator.Controller.Cluster.ClusterClient(kubernetes, TimeProvider.System);

        var (items, version) = await cluster.ListAsync<InferenceModel>(Kinds.Models, World.Namespace, "", CancellationToken.None);

        items.Select(i => i.Metadata.Name).Distinct().Count().ShouldBe(1_203);
        version.ShouldBe($"{world.Cluster.Version}");
        Lists(world).ShouldBe(3);
    }

    private static int Lists(World world) => world.Server.Calls.Items.Count(c => c.Right.Verb == "list");
}
