using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Sidecar.Tests.Kit;

namespace Orchestrator.Sidecar.Tests.Hosting;

public sealed class PersistenceTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task State_and_waiting_messages_survive_a_restart_of_the_sidecar()
    {
        await using var network = await StartAsync();
        var seen = new Inbox<int>();
        void Map(WebApplication web) => web.MapPost("/t", ([FromBody] int n) => seen.Add(n)).WithTopic("pubsub", "t");
        var app = await network.AddAppAsync("app", Map);
        await app.Client.SaveStateAsync("statestore", "k", 42, cancellationToken: Cancel);
        await app.Client.PublishEventAsync("pubsub", "t", 1, Cancel);
        await seen.CountAsync(1);
        await app.DisposeAsync();
        var publisher = await network.AddAppAsync("publisher");
        await publisher.Client.PublishEventAsync("pubsub", "t", 2, Cancel);

        await network.Sidecar.DisposeAsync();
        await network.StartSidecarAsync(o => o with { DataDirectory = network.DataDirectory });
        var again = await network.AddAppAsync("app", Map);

        // The first comes again if its acknowledgement went down with the app.
        (await seen.UntilAsync(i => i.Contains(2))).Distinct().ShouldBe([1, 2]);
        (await again.Client.GetStateAsync<int>("statestore", "k", cancellationToken: Cancel)).ShouldBe(42);
    }

    [Fact]
    public async Task A_reminder_that_fell_due_while_the_sidecar_was_down_fires_at_its_start()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        await using var network = await StartAsync(time);
        var probe = new CounterProbe();
        var app = await CounterApp.AddAsync(network, probe);
        await app.Counter("a").AddAsync(5);
        await app.Counter("a").RemindAsync(TimeSpan.FromHours(1), TimeSpan.FromMilliseconds(-1));

        await network.Sidecar.DisposeAsync();
        time.Advance(TimeSpan.FromHours(2));
        probe.Ticks.Items.ShouldBeEmpty();
        await network.StartSidecarAsync(o => o with { DataDirectory = network.DataDirectory, TimeProvider = time });
        var again = await CounterApp.AddAsync(network, probe);

        (await probe.Ticks.FirstAsync()).ShouldBe("a r 1,2,3");
        (await again.Counter("a").GetAsync()).ShouldBe(5);
    }

    private static async Task<Network> StartAsync(TimeProvider? time = null)
    {
        var network = await Network.StartAsync();
        await network.Sidecar.DisposeAsync();
        await network.StartSidecarAsync(o => o with { DataDirectory = network.DataDirectory, TimeProvider = time ?? TimeProvider.System });
        return network;
    }
}
