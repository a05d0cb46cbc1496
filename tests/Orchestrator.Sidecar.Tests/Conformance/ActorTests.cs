using Dapr.Actors;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Sidecar.Tests.Kit;

namespace Orchestrator.Sidecar.Tests.Conformance;

public sealed class ActorTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Calls_of_one_actor_run_one_at_a_time_and_keep_its_state()
    {
        await using var network = await Network.StartAsync();
        var probe = new CounterProbe();
        await CounterApp.AddAsync(network, probe);
        var caller = await network.AddAppAsync("caller");

        await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => caller.Counter("a").AddAsync(1)));

        (await caller.Counter("a").GetAsync()).ShouldBe(50);
        probe.MostRunning.ShouldBe(1);
        probe.Activated.Items.ShouldBe(["a"]);
    }

    [Fact]
    public async Task State_survives_deactivation()
    {
        await using var network = await Network.StartAsync();
        var probe = new CounterProbe();
        var app = await CounterApp.AddAsync(network, probe);
        await app.Counter("a").AddAsync(7);

        await network.Sidecar.DeactivateActorsAsync();

        probe.Deactivated.Items.ShouldBe(["a"]);
        (await app.Counter("a").GetAsync()).ShouldBe(7);
        probe.Activated.Items.ShouldBe(["a", "a"]);
    }

    [Fact]
    public async Task An_exception_of_the_actor_reaches_the_caller()
    {
        await using var network = await Network.StartAsync();
        var app = await CounterApp.AddAsync(network, new CounterProbe());

        var error = await Should.ThrowAsync<ActorMethodInvocationException>(() => app.Counter("a").FailAsync());

        error.ToString().ShouldContain("as asked");
    }

    [Fact]
    public async Task A_type_that_nobody_hosts_is_an_error_that_says_so()
    {
        await using var network = await Network.StartAsync();
        var caller = await network.AddAppAsync("caller");

        var error = await Should.ThrowAsync<Exception>(() => caller.Counter("a").GetAsync());

        error.ToString().ShouldContain("did not find address for actor");
    }

    [Fact]
    public async Task Idle_actors_are_deactivated_and_busy_ones_are_not()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var network = await Network.StartAsync(options: o => o with { TimeProvider = time });
        var probe = new CounterProbe();
        var app = await CounterApp.AddAsync(network, probe, options: o => o.ActorIdleTimeout = TimeSpan.FromMinutes(10));
        await app.Counter("used").AddAsync(1);
        await app.Counter("idle").AddAsync(1);

        time.Advance(TimeSpan.FromMinutes(9));
        await app.Counter("used").AddAsync(1);
        time.Advance(TimeSpan.FromMinutes(2));

        (await probe.Deactivated.FirstAsync()).ShouldBe("idle");
        probe.Deactivated.Items.ShouldNotContain("used");
    }

    [Fact]
    public async Task A_reminder_fires_again_and_again_until_it_is_deleted()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var network = await Network.StartAsync(options: o => o with { TimeProvider = time });
        var probe = new CounterProbe();
        var app = await CounterApp.AddAsync(network, probe);
        await app.Counter("a").RemindAsync(TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(10));

        time.Advance(TimeSpan.FromSeconds(5));
        (await probe.Ticks.FirstAsync()).ShouldBe("a r 1,2,3");
        // The turn after the tick: once it is answered, the next tick is armed.
        await AdvanceUntilAsync(time, probe, 2);
        await app.Counter("a").ForgetAsync();
        var before = probe.Ticks.Items.Count;
        for (var periods = 0; periods < 20; periods++)
        {
            time.Advance(TimeSpan.FromSeconds(10));
            await app.Counter("a").GetAsync();
        }

        // One may have been on its way to its turn.
        probe.Ticks.Items.Count.ShouldBeLessThanOrEqualTo(before + 1);
    }

    [Fact]
    public async Task A_reminder_whose_turn_fails_is_tried_four_times_and_then_dropped()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var network = await Network.StartAsync(options: o => o with { TimeProvider = time });
        var probe = new CounterProbe { FailReminders = true };
        var app = await CounterApp.AddAsync(network, probe);
        await app.Counter("a").RemindAsync(TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(-1));

        await AdvanceUntilAsync(time, probe, 4);
        await app.Counter("a").GetAsync();
        time.Advance(TimeSpan.FromMinutes(5));

        await app.Counter("a").GetAsync();
        probe.Ticks.Items.Count.ShouldBe(4);
    }

    [Fact]
    public async Task A_reminder_fires_for_an_actor_that_was_deactivated()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var network = await Network.StartAsync(options: o => o with { TimeProvider = time });
        var probe = new CounterProbe();
        var app = await CounterApp.AddAsync(network, probe);
        await app.Counter("a").RemindAsync(TimeSpan.FromSeconds(5), TimeSpan.FromMilliseconds(-1));
        await network.Sidecar.DeactivateActorsAsync();

        time.Advance(TimeSpan.FromSeconds(5));

        (await probe.Ticks.FirstAsync()).ShouldBe("a r 1,2,3");
        probe.Activated.Items.Count.ShouldBe(2);
    }

    [Fact]
    public async Task A_timer_ticks_while_its_actor_is_active_and_ends_with_it()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var network = await Network.StartAsync(options: o => o with { TimeProvider = time });
        var probe = new CounterProbe();
        // The clock runs far ahead of a tick that takes its time; only the deactivation below may end the actor.
        var app = await CounterApp.AddAsync(network, probe, options: o => o.ActorIdleTimeout = TimeSpan.FromDays(36_500));
        await app.Counter("a").TickAsync(TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));

        time.Advance(TimeSpan.FromSeconds(1));
        (await probe.Ticks.FirstAsync()).ShouldBe("a timer 9");
        await AdvanceUntilAsync(time, probe, 3);
        await network.Sidecar.DeactivateActorsAsync();
        await probe.Deactivated.FirstAsync();
        var before = probe.Ticks.Items.Count;
        time.Advance(TimeSpan.FromMinutes(1));

        await app.Counter("a").GetAsync();
        probe.Ticks.Items.Count.ShouldBe(before);
    }

    [Fact]
    public async Task Reentrant_calls_enter_until_they_are_too_deep()
    {
        await using var network = await Network.StartAsync();
        var app = await CounterApp.AddAsync(network, new CounterProbe(), options: o => o.ReentrancyConfig = new ActorReentrancyConfig { Enabled = true, MaxStackDepth = 5 });

        (await app.Counter("a").CallSelfAsync(4)).ShouldBe(4);
        await Should.ThrowAsync<ActorMethodInvocationException>(() => app.Counter("a").CallSelfAsync(5));
    }

    [Fact]
    public async Task Actor_state_with_a_lifetime_ends()
    {
        var time = new FakeTimeProvider(TimeProvider.System.GetUtcNow());
        await using var network = await Network.StartAsync(options: o => o with { TimeProvider = time });
        var app = await CounterApp.AddAsync(network, new CounterProbe());
        await app.Counter("a").KeepForAsync(TimeSpan.FromHours(1));
        (await app.Counter("a").IsKeptAsync()).ShouldBeTrue();

        time.Advance(TimeSpan.FromHours(2));
        // The SDK caches by its own clock: a fresh activation must read the store.
        await network.Sidecar.DeactivateActorsAsync();

        (await app.Counter("a").IsKeptAsync()).ShouldBeFalse();
    }

    [Fact]
    public async Task State_of_an_actor_that_is_not_active_here_is_refused()
    {
        await using var network = await Network.StartAsync();
        var app = await CounterApp.AddAsync(network, new CounterProbe());

        var reply = await app.Http.GetAsync("/v1.0/actors/Counter/never/state/n", Cancel);

        reply.StatusCode.ShouldBe(System.Net.HttpStatusCode.BadRequest);
        (await reply.Content.ReadAsStringAsync(Cancel)).ShouldContain("ERR_ACTOR_INSTANCE_MISSING");
    }

    [Fact]
    public async Task Reminders_of_a_type_hosted_elsewhere_are_forbidden()
    {
        await using var network = await Network.StartAsync();
        await CounterApp.AddAsync(network, new CounterProbe());
        var other = await network.AddAppAsync("other");

        var reply = await other.Http.PutAsync("/v1.0/actors/Counter/a/reminders/r", new StringContent("""{"dueTime":"1s"}"""), Cancel);

        reply.StatusCode.ShouldBe(System.Net.HttpStatusCode.Forbidden);
    }

    [Fact]
    public async Task When_a_second_host_comes_some_actors_move_and_are_deactivated_where_they_were()
    {
        await using var network = await Network.StartAsync();
        var (first, second) = (new CounterProbe(), new CounterProbe());
        var app = await CounterApp.AddAsync(network, first);
        var ids = Enumerable.Range(0, 30).Select(i => $"x{i}").ToList();
        foreach (var id in ids)
        {
            await app.Counter(id).AddAsync(1);
        }
        await CounterApp.AddAsync(network, second, appId: "actors2");

        foreach (var id in ids)
        {
            await app.Counter(id).GetAsync();
        }

        second.Activated.Items.Count.ShouldBeInRange(5, 25);
        second.Activated.Items.ShouldBe(first.Deactivated.Items, ignoreOrder: true);
    }

    [Fact]
    public async Task When_the_host_restarts_its_actors_are_activated_anew()
    {
        await using var network = await Network.StartAsync();
        var (first, second) = (new CounterProbe(), new CounterProbe());
        var app = await CounterApp.AddAsync(network, first);
        var caller = await network.AddAppAsync("caller");
        await caller.Counter("a").AddAsync(3);

        await app.DisposeAsync();
        await CounterApp.AddAsync(network, second);

        (await caller.Counter("a").GetAsync()).ShouldBe(3);
        second.Activated.Items.ShouldBe(["a"]);
    }

    /// <summary>Moves the clock on until enough ticks were seen: a tick arms the next only after its turn.</summary>
    private static async Task AdvanceUntilAsync(FakeTimeProvider time, CounterProbe probe, int ticks)
    {
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(Cancel);
        limit.CancelAfter(Patience.Long);
        while (probe.Ticks.Items.Count < ticks)
        {
            limit.Token.ThrowIfCancellationRequested();
            time.Advance(TimeSpan.FromSeconds(1));
            await Task.Yield();
        }
    }
}
