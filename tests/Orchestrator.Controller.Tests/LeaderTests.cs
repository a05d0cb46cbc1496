using Orchestrator.Controller.Resources;
using Orchestrator.Controller.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.Controller.Tests;

/// <summary>One leader among several controllers.</summary>
public sealed class LeaderTests
{
    private static readonly ResourceKind Leases = new("coordination.k8s.io", "v1", "leases", "Lease");

    [Fact]
    public async Task Only_the_leader_works_and_another_takes_over_at_once_when_it_stops()
    {
        await using var world = await World.StartAsync();
        var first = await world.ControlAsync(world.Options("first"));
        await world.UntilAsync(() => Holder(world) == "first", "nobody leads");
        await world.Server.Watches.Begun.CountAsync(6);
        await world.ControlAsync(world.Options("second"));
        await world.Server.Calls.FirstAsync(c => c.Right is { Resource: "leases", Verb: "get" }, "the second candidate");
        world.Server.Watches.Begun.Items.Count.ShouldBe(6);

        await first.StopAsync();

        (await first.Running).ShouldBeTrue();
        await world.UntilAsync(() => Holder(world) == "second", $"{world.Cluster.Find(Leases, World.Namespace, "orchestrator-controller")}");
        await world.Server.Watches.Begun.CountAsync(12);
        world.Create();
        await world.UntilAsync(m => m?.Status is not null);
    }

    [Fact]
    public async Task Who_cannot_renew_stops_working_and_says_so()
    {
        await using var world = await World.StartAsync();
        var host = await world.ControlAsync(world.Options() with
        {
            Lease = Given.Options.Lease with { RenewDeadline = TimeSpan.FromSeconds(6), RetryPeriod = TimeSpan.FromSeconds(2) },
        });
        await world.Server.Watches.Begun.CountAsync(6);

        world.Server.Fault = right => right.Resource == "leases" ? new ApiFailure(500, "InternalError", "etcd is away") : null;

        (await Eventually.Gets(host.Running, () => "still leads")).ShouldBeFalse();
        using var http = new HttpClient { BaseAddress = host.Address };
        using var answer = await http.GetAsync("healthz");
        ((int)answer.StatusCode).ShouldBe(503);
        int calls = world.Server.Calls.Items.Count(c => c.Right.Resource != "leases");
        world.Create();
        world.Server.Calls.Items.Count(c => c.Right.Resource != "leases").ShouldBe(calls);
    }

    [Theory]
    [InlineData("get")]
    [InlineData("update")]
    public async Task A_broken_connection_costs_nobody_the_lease(string verb)
    {
        await using var world = await World.StartAsync();
        var host = await world.ControlAsync(world.Options() with { Lease = Given.Options.Lease with { RetryPeriod = TimeSpan.FromSeconds(1) } });
        await world.Server.Watches.Begun.CountAsync(6);

        int before = Renewals(world, verb);
        world.Server.Cut = right => right.Resource == "leases" && right.Verb == verb;
        await world.Server.Calls.WhenAsync(_ => Renewals(world, verb) >= before + 2, "two tries that fail");
        world.Server.Cut = _ => false;
        int after = Renewals(world, "update");
        await world.Server.Calls.WhenAsync(_ => Renewals(world, "update") > after + 1, "renewals afterwards");

        host.Running.IsCompleted.ShouldBeFalse();
        Holder(world).ShouldBe("controller-0");
    }

    [Fact]
    public async Task A_candidate_waits_for_an_API_server_that_is_not_there_yet()
    {
        await using var world = await World.StartAsync();
        world.Server.Cut = _ => true;
        var host = await world.ControlAsync(world.Options() with { Lease = Given.Options.Lease with { RetryPeriod = TimeSpan.FromSeconds(1) } });
        await world.Server.Calls.CountAsync(2);
        world.Server.Cut = _ => false;

        await world.UntilAsync(() => Holder(world) == "controller-0", "nobody leads");
        host.Running.IsCompleted.ShouldBeFalse();
    }

    [Fact]
    public async Task A_candidate_is_healthy_and_ready()
    {
        await using var world = await World.StartAsync();
        await world.ControlAsync(world.Options("first"));
        var second = await world.ControlAsync(world.Options("second"));
        using var http = new HttpClient { BaseAddress = second.Address };
        (await http.GetStringAsync("healthz")).ShouldBe("ok");
        (await http.GetStringAsync("readyz")).ShouldBe("ok");
    }

    private static int Renewals(World world, string verb) => world.Server.Calls.Items.Count(c => c.Right.Resource == "leases" && c.Right.Verb == verb);

    private static string? Holder(World world) =>
        world.Cluster.Find(Leases, World.Namespace, "orchestrator-controller")?["spec"]?["holderIdentity"]?.GetValue<string>();
}
