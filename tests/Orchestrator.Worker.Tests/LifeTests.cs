using System.Net;
using System.Net.Sockets;
using Orchestrator.Contracts;
using Orchestrator.Worker.Hosting;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests;

public sealed class LifeTests
{
    [Fact]
    public async Task A_node_registers_itself_and_reports_its_shards()
    {
        await using var network = await TestNetwork.StartAsync(1, "x");
        var record = await network.Bus.RecordAsync(network.Nodes[0].Node);
        record.ShouldSatisfyAllConditions(
            r => r.Host.ShouldBe("host-0"),
            r => r.DataEndpoint.ShouldBe(network.Nodes[0].DataEndpoint),
            r => r.StreamEndpoint.ShouldBe(network.Nodes[0].StreamEndpoint),
            r => r.CertificateDigest.ShouldBe(network.Nodes[0].CertificateDigest),
            r => r.Capability.Class.ShouldBe(network.Loaders[0].Class));
    }

    [Fact]
    public async Task A_node_that_only_a_relay_reaches_is_not_ready_before_the_relay_has_it()
    {
        int[] ports = [FreePort(), FreePort()];
        await using var network = await TestNetwork.StartAsync(
            2, "x", (i, o) => o with { HealthPort = ports[i], Direct = i == 0, Relay = i == 0 ? null : "127.0.0.1:9" }, place: false);
        using var http = new HttpClient();

        (await http.GetAsync($"http://127.0.0.1:{ports[0]}/readyz", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
        var hidden = await http.GetAsync($"http://127.0.0.1:{ports[1]}/readyz", TestContext.Current.CancellationToken);

        hidden.StatusCode.ShouldBe(HttpStatusCode.ServiceUnavailable);
        (await hidden.Content.ReadAsStringAsync(TestContext.Current.CancellationToken)).ShouldContain("no relay has registered this node");
        (await http.GetAsync($"http://127.0.0.1:{ports[1]}/healthz", TestContext.Current.CancellationToken)).StatusCode.ShouldBe(HttpStatusCode.OK);
    }

    [Fact]
    public async Task A_draining_node_finishes_what_runs_and_refuses_what_comes()
    {
        await using var network = await TestNetwork.StartAsync(2, "finished");
        using var gate = Gate.AtDecode(network.Loaders[1], 6);
        var running = await network.AssignAsync(network.Assignments("q"));
        await gate.ReachedAsync();
        var draining = network.Nodes[1].DrainAsync(TestContext.Current.CancellationToken);
        await network.Bus.HeartbeatAsync(network.Nodes[1].Node, "draining", b => b.Draining);
        (await network.AskAsync(network.Assignments("q"))).Failure!.ShouldSatisfyAllConditions(f => f.Code.ShouldBe(FailureCodes.Refused), f => f.Stage.ShouldBe(1));
        draining.IsCompleted.ShouldBeFalse();
        gate.Open();
        (await network.Bus.ResultAsync(running)).Choices[0].Text.ShouldBe("finished");
        await draining.WaitAsync(TestNetwork.Patience, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task An_older_placement_has_no_effect()
    {
        await using var network = await TestNetwork.StartAsync(1, "x");
        var stale = new Placement(1, network.Nodes[0].Node, network.Manifest, [], 0, DateTimeOffset.UtcNow);
        await network.DeliverAsync(0, MessageTypes.Placement, stale, ContractsJson.Default.Placement);
        network.Nodes[0].Shards.ShouldHaveSingleItem().State.ShouldBe(ShardState.Ready);
    }

    [Fact]
    public async Task A_dropped_model_can_be_placed_again_under_a_lower_version_but_not_by_an_older_message()
    {
        await using var network = await TestNetwork.StartAsync(1, "x");
        var now = DateTimeOffset.UtcNow;
        Task<string> Deliver(int[] stages, long version, DateTimeOffset at) =>
            network.DeliverAsync(0, MessageTypes.Placement, new Placement(1, network.Nodes[0].Node, network.Manifest, stages, version, at), ContractsJson.Default.Placement);
        await Deliver([], 1000, now);
        network.Nodes[0].Shards.ShouldBeEmpty();
        await Deliver([0], 2, now.AddSeconds(-1));
        network.Nodes[0].Shards.ShouldBeEmpty();
        await Deliver([0], 2, now.AddSeconds(1));
        await network.ReadyAsync(0, 0);
        await Deliver([], 1, now.AddSeconds(2));
        network.Nodes[0].Shards.ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_dropped_shard_serves_its_sessions_to_their_end()
    {
        await using var network = await TestNetwork.StartAsync(1, "to the end");
        using var gate = Gate.AtDecode(network.Loaders[0], 6);
        var session = await network.AssignAsync(network.Assignments("q"));
        await gate.ReachedAsync();
        await network.PlaceAsync(0);
        network.Loaders[0].LoadedEngines.ShouldBe(1);
        gate.Open();
        (await network.Bus.ResultAsync(session)).Choices[0].Text.ShouldBe("to the end");
        await network.ShouldBeFreeAsync();
    }

    [Fact]
    public async Task A_shard_that_is_missing_or_damaged_in_the_store_is_reported_and_loaded_once_it_is_there()
    {
        await using var network = await TestNetwork.StartAsync(1, "x", place: false);
        string blob = network.Model.Stages[0].Blob.Value;
        string path = Path.Combine(network.BlobFolder, blob[..2], blob);
        byte[] good = await File.ReadAllBytesAsync(path, TestContext.Current.CancellationToken);
        await File.WriteAllBytesAsync(path, [.. good[..^1], 0], TestContext.Current.CancellationToken);
        await network.PlaceAsync(0, 0);
        var failed = await network.Bus.HeartbeatAsync(network.Nodes[0].Node, "failed", b => b.Shards.Any(s => s.State == ShardState.Failed));
        failed.Shards[0].Error!.ShouldContain("other bytes");
        await File.WriteAllBytesAsync(path, good, TestContext.Current.CancellationToken);
        await network.ReadyAsync(0, 0);
    }

    [Fact]
    public async Task A_shard_larger_than_the_memory_is_not_loaded()
    {
        await using var network = await TestNetwork.StartAsync(1, "x", (_, o) => o with { MemoryBytes = 10 }, place: false);
        await network.PlaceAsync(0, 0);
        var failed = await network.Bus.HeartbeatAsync(network.Nodes[0].Node, "failed", b => b.Shards.Any(s => s.State == ShardState.Failed));
        failed.Shards[0].Error!.ShouldContain("MemoryBytes");
    }

    [Fact]
    public async Task A_node_stops_although_the_broker_is_gone()
    {
        await using var network = await TestNetwork.StartAsync(1, "unheard");
        var refused = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        network.Bus.Before = topic =>
        {
            if (topic == Topics.Results)
                refused.TrySetResult();
            throw new IOException("no broker");
        };
        await network.AssignAsync(network.Assignments("q"));
        await refused.Task.WaitAsync(TestNetwork.Patience, TestContext.Current.CancellationToken);
        await network.StopAsync(0).WaitAsync(TestNetwork.Patience, TestContext.Current.CancellationToken);
        network.Loaders[0].ShouldSatisfyAllConditions(l => l.OpenCaches.ShouldBe(0), l => l.LoadedEngines.ShouldBe(0));
    }

    [Fact]
    public async Task A_node_that_stops_can_still_say_where_it_was()
    {
        await using var network = await TestNetwork.StartAsync(1, "x");
        string before = network.Nodes[0].DataEndpoint;

        await network.StopAsync(0);

        // Whoever announces a node runs beside its end.
        network.Nodes[0].DataEndpoint.ShouldBe(before);
    }

    [Fact]
    public async Task All_wrong_options_are_named_at_once()
    {
        var error = await Should.ThrowAsync<InvalidDataException>(() => WorkerHost.StartAsync(new WorkerOptions { Host = "Not A Host", MaxSessions = 0 }));
        foreach (string name in new[] { "KeyFile", "Worker:Host", "BlobFolder", "CacheFolder", "PlatformKey", "MaxSessions" })
            error.Message.ShouldContain(name);
    }

    // Below what Linux takes for outgoing connections and for whoever asks for any port: one of those could take it between our look and its use.
    private static int FreePort()
    {
        while (true)
        {
            using var socket = new Socket(AddressFamily.InterNetworkV6, SocketType.Stream, ProtocolType.Tcp) { DualMode = true };
            int port = Random.Shared.Next(10_000, 32_000);
            try
            {
                socket.Bind(new IPEndPoint(IPAddress.IPv6Any, port));
                return port;
            }
            catch (SocketException e) when (e.SocketErrorCode == SocketError.AddressAlreadyInUse)
            {
                // Another one, then.
            }
        }
    }
}
