using Dapr.Actors.Client;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Actors;
using Orchestrator.ControlPlane.Nodes;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>A catalog that is full of nodes that went away takes new ones again.</summary>
public sealed class CatalogRoomTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_long_silent_without_stake_and_placement_give_way()
    {
        await using var platform = await Platform.StartAsync();
        var (actors, topology) = (platform.Services.GetRequiredService<IActorProxyFactory>(), platform.Services.GetRequiredService<TopologyCache>());
        var (gone, staked, newcomer) = (Some.Key(101).Node, Some.Key(102).Node, Some.Key(103).Node);
        foreach (int number in (int[])[101, 102])
        {
            var node = new FakeNode(number, $"host-{number}", Some.Key(number));
            await actors.Node(node.Id).RegisterAsync(node.Record(new Uri("https://127.0.0.1"), Some.Digest(), DateTimeOffset.UtcNow));
            await actors.Catalog().AddNodeAsync(node.Id);
        }

        await actors.Node(staked).StandAsync(new(1, "host-102", 100, true, new(1, 1, 0, DateTimeOffset.UtcNow), new(1, 1, 0, DateTimeOffset.UtcNow)));
        topology.Invalidate();
        var options = platform.Services.GetRequiredService<ControlPlaneOptions>() with { MaxNodes = platform.Network.Nodes.Count + 2 };
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow);
        var room = new CatalogRoom(actors, topology, options, time);

        (await room.HasRoomAsync(newcomer, Cancel)).ShouldBeFalse();
        (await room.HasRoomAsync(gone, Cancel)).ShouldBeTrue("it is there");
        time.Advance(options.Liveness.ForgetAfter + TimeSpan.FromMinutes(1));
        (await room.HasRoomAsync(newcomer, Cancel)).ShouldBeTrue();

        (await actors.Node(gone).GetAsync()).ShouldBeNull("nothing is left of one that only registered");
        (await actors.Node(staked).GetAsync()).ShouldNotBeNull();

        // All of the network's own nodes are silent as well by this clock, but each has a placement.
        (await actors.Catalog().GetAsync()).Nodes.ShouldBe([.. platform.Network.Nodes.Select(n => n.Id), staked], ignoreOrder: true);
    }

    [Fact]
    public async Task Strangers_who_find_no_room_do_not_have_the_catalog_searched_each_time()
    {
        await using var platform = await Platform.StartAsync();
        var (actors, topology) = (platform.Services.GetRequiredService<IActorProxyFactory>(), platform.Services.GetRequiredService<TopologyCache>());
        var options = platform.Services.GetRequiredService<ControlPlaneOptions>() with { MaxNodes = platform.Network.Nodes.Count + 1 };
        var time = new FakeTimeProvider(DateTimeOffset.UtcNow.AddDays(2));
        var room = new CatalogRoom(actors, topology, options, time);
        await AddUnknownAsync(101);
        (await room.HasRoomAsync(Some.Key(103).Node, Cancel)).ShouldBeTrue();

        await AddUnknownAsync(102);
        (await room.HasRoomAsync(Some.Key(103).Node, Cancel)).ShouldBeFalse();
        time.Advance(TimeSpan.FromSeconds(1));
        (await room.HasRoomAsync(Some.Key(103).Node, Cancel)).ShouldBeTrue();

        async Task AddUnknownAsync(int number)
        {
            await actors.Catalog().AddNodeAsync(Some.Key(number).Node);
            topology.Invalidate();
        }
    }
}
