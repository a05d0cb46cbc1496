using Orchestrator.Actors.Models;
using Orchestrator.Actors.Tests.Kit;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Placement;

namespace Orchestrator.Actors.Tests;

public sealed class ModelActorTests
{
    private static readonly Digest Digest = Given.DigestOf("manifest");

    [Fact]
    public async Task A_manifest_crosses_whole_and_a_placement_that_differs_raises_the_version()
    {
        await using var network = await ActorNetwork.StartAsync();
        var model = network.Actors.Model("tiny");
        StagePlacement[] placements = [new(Given.NodeOf("b"), 1), new(Given.NodeOf("a"), 0)];

        (await model.GetAsync()).ShouldBeNull();
        await Should.ThrowAsync<Exception>(() => model.PlaceAsync(placements));
        await model.PublishAsync(new ModelPublication(Digest, Given.Manifest("tiny"), network.Now));
        var first = await model.PlaceAsync(placements);
        var same = await model.PlaceAsync([.. placements.Reverse(), placements[0]]);
        var other = await model.PlaceAsync([placements[0]]);

        first.PlacementVersion.ShouldBe(1);
        first.Placements.ShouldBe([placements[1], placements[0]]);
        same.PlacementVersion.ShouldBe(1);
        other.PlacementVersion.ShouldBe(2);
        System.Text.Json.JsonSerializer.Serialize(other.Publication.Manifest, ActorJson.Options)
            .ShouldBe(System.Text.Json.JsonSerializer.Serialize(Given.Manifest("tiny"), ActorJson.Options));
        await Should.ThrowAsync<Exception>(() => model.PlaceAsync([new(Given.NodeOf("a"), 2)]));
    }

    [Fact]
    public async Task A_newer_manifest_clears_the_placement_and_an_older_one_changes_nothing()
    {
        await using var network = await ActorNetwork.StartAsync();
        var model = network.Actors.Model("tiny");
        await model.PublishAsync(new ModelPublication(Digest, Given.Manifest("tiny"), network.Now));
        await model.PlaceAsync([new(Given.NodeOf("a"), 0)]);

        var newer = await model.PublishAsync(new ModelPublication(Given.DigestOf("next"), Given.Manifest("tiny", 3), network.Now.AddSeconds(1)));
        var older = await model.PublishAsync(new ModelPublication(Digest, Given.Manifest("tiny"), network.Now));

        newer.Placements.ShouldBeEmpty();
        newer.PlacementVersion.ShouldBe(2);
        older.Publication.ManifestDigest.ShouldBe(Given.DigestOf("next"));
    }

    [Fact]
    public async Task The_topology_has_the_nodes_that_hold_or_should_hold_a_stage_and_forgets_the_long_silent()
    {
        await using var network = await ActorNetwork.StartAsync();
        var model = network.Actors.Model("tiny");
        await model.PublishAsync(new ModelPublication(Digest, Given.Manifest("tiny"), network.Now));
        await model.PlaceAsync([new(Given.NodeOf("wanted"), 0)]);

        await model.ReportNodeAsync(Node("wanted", 1));
        await model.ReportNodeAsync(Node("holder", 1, new ShardStatus(Digest, 1, ShardState.Ready)));
        await model.ReportNodeAsync(Node("stranger", 1, new ShardStatus(Given.DigestOf("other"), 0, ShardState.Ready)));
        (await Names()).ShouldBe(["holder", "wanted"], ignoreOrder: true);

        await model.ReportNodeAsync(Node("holder", 2));
        (await Names()).ShouldBe(["wanted"]);

        network.Time.Advance(Liveness.Default.ForgetAfter + TimeSpan.FromSeconds(1));
        await model.ReportNodeAsync(Node("holder", 3, new ShardStatus(Digest, 1, ShardState.Ready)));
        (await Names()).ShouldBe(["holder"]);

        NodeState Node(string name, long sequence, params ShardStatus[] shards) =>
            new(Given.Record(name, network.Time.Start), Given.Heartbeat(name, sequence, network.Now, shards), network.Now, 0, 0);

        async Task<IEnumerable<string>> Names() => (await model.GetAsync())!.Nodes.Select(n => n.Record.DataEndpoint.Split(':')[0]);
    }

    [Fact]
    public async Task An_older_report_changes_nothing()
    {
        await using var network = await ActorNetwork.StartAsync();
        var model = network.Actors.Model("tiny");
        await model.PublishAsync(new ModelPublication(Digest, Given.Manifest("tiny"), network.Now));
        var ready = new ShardStatus(Digest, 1, ShardState.Ready);

        await model.ReportNodeAsync(new NodeState(Given.Record("n", network.Now), Given.Heartbeat("n", 2, network.Now, ready), network.Now, 0, 0));
        await model.ReportNodeAsync(new NodeState(Given.Record("n", network.Now), Given.Heartbeat("n", 1, network.Now), network.Now, 0, 0));

        (await model.GetAsync())!.Nodes.ShouldHaveSingleItem().Heartbeat!.Sequence.ShouldBe(2);
    }

    [Fact]
    public async Task Of_a_heartbeat_a_model_keeps_its_own_shards_once_without_errors()
    {
        await using var network = await ActorNetwork.StartAsync();
        var model = network.Actors.Model("tiny");
        await model.PublishAsync(new ModelPublication(Digest, Given.Manifest("tiny"), network.Now));
        ShardStatus[] claimed =
        [
            .. Enumerable.Range(0, 190).Select(i => new ShardStatus(Digest, 1, ShardState.Failed, new string('e', 4096))),
            new ShardStatus(Digest, 2, ShardState.Ready),
            new ShardStatus(Given.DigestOf("other"), 0, ShardState.Ready),
        ];

        for (int n = 0; n < 12; n++)
            await model.ReportNodeAsync(new NodeState(Given.Record($"n{n}", network.Now), Given.Heartbeat($"n{n}", 1, network.Now, claimed), network.Now, 0, 0));

        var nodes = (await model.GetAsync())!.Nodes;
        nodes.Count.ShouldBe(12);
        nodes.ShouldAllBe(n => n.Heartbeat!.Shards.Single() == new ShardStatus(Digest, 1, ShardState.Failed, null));
    }

    [Fact]
    public void A_model_that_stored_whole_heartbeats_lets_go_of_them_with_the_next_report()
    {
        var now = DateTimeOffset.UnixEpoch;
        var fat = new NodeState(
            Given.Record("fat", now), Given.Heartbeat("fat", 1, now, new(Digest, 1, ShardState.Failed, "why"), new(Given.DigestOf("other"), 0, ShardState.Ready)), now, 0, 0);
        var document = ModelDocument.Publish(null, new ModelPublication(Digest, Given.Manifest("tiny"), now));
        document = document with { Nodes = document.Nodes.Add(fat.Record.Node.Value, fat) };

        document = document.Report(new NodeState(Given.Record("n", now), Given.Heartbeat("n", 1, now, new ShardStatus(Digest, 0, ShardState.Ready)), now, 0, 0), Liveness.Default, now);

        document.Nodes.Count.ShouldBe(2);
        document.Nodes[fat.Record.Node.Value].Heartbeat!.Shards.ShouldHaveSingleItem().ShouldBe(new ShardStatus(Digest, 1, ShardState.Failed));
    }

    [Fact]
    public void Strangers_leave_room_for_nodes_that_are_placed_or_bonded()
    {
        var now = DateTimeOffset.UnixEpoch;
        var document = ModelDocument.Publish(null, new ModelPublication(Digest, Given.Manifest("tiny", 256), now)).Place([new(Given.NodeOf("placed"), 0), new(Given.NodeOf("placed"), 200)]);
        ShardStatus[] all = [.. Enumerable.Range(0, 256).Select(s => new ShardStatus(Digest, s, ShardState.Ready))];

        for (int n = 0; n < ModelNodes.MostUnplaced; n++)
            document = Report($"stranger{n}");
        var full = document;
        Report("late").ShouldBeSameAs(full);
        document = Report("placed");
        document = Report("bonded", bonded: 1);

        document.Nodes.Count.ShouldBe(ModelNodes.MostUnplaced + 1);
        document.Nodes[Given.NodeOf("placed").Value].Heartbeat!.Shards.Select(s => s.Stage).ShouldContain(200);
        document.Nodes.ShouldContainKey(Given.NodeOf("bonded").Value);
        System.Text.Json.JsonSerializer.SerializeToUtf8Bytes(document, ActorJson.Options).Length.ShouldBeLessThan(2 << 20);

        // Silent ones give way to whoever is heard, before they are forgotten.
        now += Liveness.Default.HeartbeatInterval * 10;
        Report("late").Nodes.ShouldContainKey(Given.NodeOf("late").Value);

        ModelDocument Report(string name, long bonded = 0) => document.Report(
            new NodeState(Given.Record(name, now), Given.Heartbeat(name, 1, now, all), now, 0, 0)
            {
                Standing = bonded == 0 ? null : new NodeStanding(1, "host-a", bonded, true, new(1, 1, 0, now), new(1, 1, 0, now)),
            },
            Liveness.Default,
            now);
    }

    [Fact]
    public async Task The_catalog_lists_every_name_once_in_order()
    {
        await using var network = await ActorNetwork.StartAsync();
        var catalog = network.Actors.Catalog();

        foreach (string name in new[] { "b", "a", "b" })
            await catalog.AddModelAsync(name);
        await catalog.AddNodeAsync(Given.NodeOf("x"));
        await network.Sidecar.DeactivateActorsAsync();
        await catalog.AddNodeAsync(Given.NodeOf("x"));

        var listed = await catalog.GetAsync();
        listed.Models.ShouldBe(["a", "b"]);
        listed.Nodes.ShouldBe([Given.NodeOf("x")]);
    }
}
