using Orchestrator.Contracts;
using Orchestrator.TestKit;
using Orchestrator.Worker.Edge;
using Orchestrator.Worker.Links;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests;

public sealed class FailureTests
{
    private const string Question = "q";
    private const int Prompt = 4;

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_node_that_stops_in_the_middle_ends_the_job_with_a_failure_and_frees_every_cache(int victim)
    {
        await using var network = await TestNetwork.StartAsync(4, "never finished");
        using var gate = Gate.AtDecode(network.Loaders[victim], Prompt + 3);
        var session = await network.AssignAsync(network.Assignments(Question));
        await gate.ReachedAsync();

        var stopping = network.StopAsync(victim);
        var result = await network.Bus.ResultAsync(session);
        gate.Open();
        await stopping;

        result.Failure!.Code.ShouldBe(FailureCodes.Unreachable);
        result.Failure.Stage.ShouldBe(victim);
        result.Choices.ShouldBeEmpty();
        await network.ShouldBeFreeAsync();
        network.Loaders[victim].OpenCaches.ShouldBe(0);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(0)]
    public async Task A_cut_link_fails_its_sessions_at_once_on_both_sides(int target)
    {
        await using var network = await TestNetwork.StartAsync(3, "never finished");
        await using var proxy = new LinkProxy(network.Nodes[target].DataEndpoint);
        using var gate = Gate.AtDecode(network.Loaders[0], Prompt + 3);
        var session = await network.AssignAsync(network.Assignments(Question, change: a => Through(a, target, proxy)));
        await gate.ReachedAsync();

        proxy.Cut();
        var result = await network.Bus.ResultAsync(session);
        gate.Open();

        result.Failure!.Code.ShouldBe(FailureCodes.Unreachable, result.Failure.Message);
        await network.ShouldBeFreeAsync();
    }

    [Fact]
    public async Task A_peer_that_falls_silent_is_noticed_within_the_limit()
    {
        using var time = new RunningClock();
        await using var network = await TestNetwork.StartAsync(2, "never finished", time: time);
        await using var proxy = new LinkProxy(network.Nodes[1].DataEndpoint);
        using var gate = Gate.AtDecode(network.Loaders[0], Prompt + 3);
        var session = await network.AssignAsync(network.Assignments(Question, change: a => Through(a, 1, proxy)));
        await gate.ReachedAsync();

        proxy.Silence();
        gate.Open();
        // The clock moves in pings; a live peer would answer between two of them.
        for (var passed = TimeSpan.Zero; passed <= PeerConnection.SilenceLimit + PeerConnection.PingInterval; passed += PeerConnection.PingInterval)
            time.Advance(PeerConnection.PingInterval);
        var result = await network.Bus.ResultAsync(session);

        result.Failure!.Code.ShouldBe(FailureCodes.Unreachable);
        // Both ends wait for the same silence; whichever notices first closes the link under the other, or under the next pass.
        result.Failure.Message.ShouldMatch("stage [01].*(silent|closed the link|[Bb]roke)");
        await network.ShouldBeFreeAsync();
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    public async Task A_stage_that_swallows_passes_is_named_long_before_the_deadline(int hole)
    {
        using var time = new RunningClock();
        await using var network = await TestNetwork.StartAsync(3, "never finished", time: time);
        using var gate = Gate.AtDecode(network.Loaders[hole], Prompt + 3);
        var session = await network.AssignAsync(network.Assignments(Question, change: a => a with { ExpiresAt = time.GetUtcNow().AddHours(1) }));
        await gate.ReachedAsync();

        var result = network.Bus.ResultAsync(session);
        var patience = PassPatience.Longest + EdgeRun.ProbeLimit + TimeSpan.FromSeconds(10);
        var step = TimeSpan.FromSeconds(0.25);
        for (var passed = TimeSpan.Zero; passed <= patience && !result.IsCompleted; passed += step)
        {
            time.Advance(step);
            // Signs of life cross the links in real time: a second and more of it passes before a link counts as silent.
            await Task.Delay(TimeSpan.FromMilliseconds(20), TimeProvider.System, TestContext.Current.CancellationToken);
        }

        var failure = (await result).Failure!;
        gate.Open();
        failure.ShouldSatisfyAllConditions(f => f.Code.ShouldBe(FailureCodes.Unreachable, f.Message), f => f.Stage.ShouldBe(hole, f.Message), f => f.Message.ShouldContain("has passed on"));
        await network.ShouldBeFreeAsync();
    }

    [Fact]
    public async Task A_session_ends_when_its_time_runs_out()
    {
        using var time = new RunningClock();
        await using var network = await TestNetwork.StartAsync(2, "never finished", time: time);
        using var gate = Gate.AtDecode(network.Loaders[1], Prompt + 3);
        // However long the way to the gate takes here, it takes none of the session's time.
        time.Hold();
        var session = await network.AssignAsync(network.Assignments(Question, change: a => a with { ExpiresAt = time.GetUtcNow().AddSeconds(5) }));
        await gate.ReachedAsync();

        time.Advance(TimeSpan.FromSeconds(4));
        network.Bus.Results().ShouldBeEmpty();
        time.Advance(TimeSpan.FromSeconds(2));
        time.Run();
        gate.Open();
        // The platform has given up on it too, so nobody is told: what counts is that everything is free.
        await network.ShouldBeFreeAsync();
        network.Bus.Results().Where(r => r.Session == session).ShouldAllBe(r => r.Failure!.Code == FailureCodes.Expired);
    }

    [Fact]
    public async Task A_runtime_that_fails_is_named_by_its_stage()
    {
        await using var network = await TestNetwork.StartAsync(3, "x");
        network.Loaders[1].BeforePass = (_, _) => throw new InvalidDataException("bad weights");
        var result = await network.AskAsync(network.Assignments(Question));
        result.Failure!.ShouldSatisfyAllConditions(
            f => f.Code.ShouldBe(FailureCodes.Internal),
            f => f.Stage.ShouldBe(1),
            f => f.Message.ShouldContain("bad weights"));
        await network.ShouldBeFreeAsync();
    }

    [Fact]
    public async Task A_stage_without_its_assignment_is_refused_after_a_while()
    {
        using var time = new RunningClock();
        await using var network = await TestNetwork.StartAsync(2, "x", time: time);
        var assignments = network.Assignments(Question);
        await network.AssignAsync(0, assignments[0]);
        await network.Bus.HeartbeatAsync(network.Nodes[0].Node, "a session", b => b.ActiveSessions == 1);
        // The open is on its way over a real socket: more time must pass than it may be held.
        time.Advance(TimeSpan.FromSeconds(1));
        var result = network.Bus.ResultAsync(assignments[0].Session);
        for (int i = 0; i < 600 && !result.IsCompleted; i++)
        {
            await network.Bus.NextAsync();
            time.Advance(TimeSpan.FromSeconds(1));
        }

        (await result).Failure!.ShouldSatisfyAllConditions(f => f.Code.ShouldBe(FailureCodes.Refused, f.Message), f => f.Stage.ShouldBe(1));
        await network.ShouldBeFreeAsync();
    }

    [Fact]
    public async Task A_stage_whose_shard_is_not_ready_refuses_with_its_number()
    {
        await using var network = await TestNetwork.StartAsync(3, "x");
        await network.PlaceAsync(2);
        await network.Bus.HeartbeatAsync(network.Nodes[2].Node, "no shards", b => b.Shards.Count == 0 && network.Nodes[2].Shards.Count == 0);
        var result = await network.AskAsync(network.Assignments(Question));
        result.Failure!.ShouldSatisfyAllConditions(f => f.Code.ShouldBe(FailureCodes.Refused), f => f.Stage.ShouldBe(2));
        await network.ShouldBeFreeAsync();
        network.Loaders[2].LoadedEngines.ShouldBe(0);
    }

    [Fact]
    public async Task An_edge_whose_shard_is_not_ready_tells_platform_and_reader()
    {
        await using var network = await TestNetwork.StartAsync(1, "x");
        await network.PlaceAsync(0);
        var result = await network.AskAsync(network.Assignments(Question));
        result.Failure!.Code.ShouldBe(FailureCodes.Refused);
        var last = (await network.ReadStreamAsync(result.Session)).ShouldHaveSingleItem();
        last.Last.ShouldBeTrue();
        last.Failure!.Code.ShouldBe(FailureCodes.Refused);
    }

    [Fact]
    public async Task A_full_node_refuses_and_takes_sessions_again_when_one_ends()
    {
        await using var network = await TestNetwork.StartAsync(1, "ok", (_, o) => o with { MaxSessions = 1 });
        using var gate = Gate.AtDecode(network.Loaders[0], Prompt + 1);
        var first = await network.AssignAsync(network.Assignments(Question));
        await gate.ReachedAsync();
        (await network.AskAsync(network.Assignments(Question))).Failure!.Code.ShouldBe(FailureCodes.Refused);
        gate.Open();
        (await network.Bus.ResultAsync(first)).Failure.ShouldBeNull();
        await network.ShouldBeFreeAsync();
        (await network.AskAsync(network.Assignments(Question))).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task A_cache_that_does_not_fit_the_memory_is_refused()
    {
        await using var network = await TestNetwork.StartAsync(1, "ok", (_, o) => o with { MemoryBytes = 16 * ScriptedModel.Context + 100 });
        var result = await network.AskAsync(network.Assignments(Question, change: a => a with { Choices = 2 }));
        result.Failure!.Message.ShouldContain("do not fit");
        (await network.AskAsync(network.Assignments(Question))).Failure.ShouldBeNull();
    }

    [Fact]
    public async Task A_cancellation_frees_the_whole_chain_and_publishes_nothing()
    {
        await using var network = await TestNetwork.StartAsync(3, "never finished");
        using var gate = Gate.AtDecode(network.Loaders[1], Prompt + 2);
        var assignments = network.Assignments(Question);
        var session = await network.AssignAsync(assignments);
        await gate.ReachedAsync();
        await network.CancelAsync(0, assignments[0]);
        gate.Open();
        await network.ShouldBeFreeAsync();
        network.Bus.Results().ShouldBeEmpty();
        (await network.ReadStreamAsync(session))[^1].Failure!.Code.ShouldBe(FailureCodes.Cancelled);
    }

    [Fact]
    public async Task A_cancellation_that_overtakes_its_assignment_wins()
    {
        await using var network = await TestNetwork.StartAsync(1, "x");
        var assignments = network.Assignments(Question);
        await network.CancelAsync(0, assignments[0]);
        (await network.AssignAsync(0, assignments[0])).ShouldContain("DROP");
        network.Nodes[0].ActiveSessions.ShouldBe(0);
    }

    [Fact]
    public async Task A_result_is_published_again_until_the_broker_takes_it()
    {
        await using var network = await TestNetwork.StartAsync(1, "ok");
        int attempts = 0;
        network.Bus.Before = topic =>
        {
            if (topic == Topics.Results && Interlocked.Increment(ref attempts) <= 2)
                throw new IOException("the sidecar restarts");
        };
        (await network.AskAsync(network.Assignments(Question))).Failure.ShouldBeNull();
        attempts.ShouldBe(3);
    }

    private static Assignment Through(Assignment assignment, int stage, LinkProxy proxy) =>
        assignment with { Hops = [.. assignment.Hops.Select((h, i) => i == stage ? h with { DataEndpoint = proxy.Endpoint } : h)] };
}
