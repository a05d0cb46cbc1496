using System.Collections.Concurrent;
using Dapr;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Mvc;
using Orchestrator.Sidecar.Faults;
using Orchestrator.Sidecar.Tests.Kit;

namespace Orchestrator.Sidecar.Tests.Faults;

public sealed class FaultTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Of_a_thousand_messages_with_duplicates_and_lost_acks_every_one_arrives()
    {
        const int Messages = 1000;
        await using var network = await Network.StartAsync(options: o => o with
        {
            Seed = 7,
            Faults = new FaultOptions { Duplicate = 0.1, LostAck = 0.05, Reorder = 0.1, Delay = 0.02, LongestDelay = TimeSpan.FromMilliseconds(5) },
        });
        var seen = new ConcurrentDictionary<int, int>();
        var deliveries = 0;
        var all = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var app = await network.AddAppAsync("app", web => web.MapPost("/t", ([FromBody] int n) =>
        {
            seen.AddOrUpdate(n, 1, (_, count) => count + 1);
            // Copies may come after the last of the originals.
            if (Interlocked.Increment(ref deliveries) > Messages + 50 && seen.Count == Messages)
            {
                all.TrySetResult();
            }
        }).WithTopic("pubsub", "t"));

        await Parallel.ForEachAsync(Enumerable.Range(0, Messages), new ParallelOptions { MaxDegreeOfParallelism = 8, CancellationToken = Cancel },
            async (n, cancel) => await app.Client.PublishEventAsync("pubsub", "t", n, cancel));

        await Task.WhenAny(all.Task, Task.Delay(Patience.Long, Cancel));
        seen.Count.ShouldBe(Messages);
        seen.Values.Sum().ShouldBeGreaterThan(Messages + 50);
        network.Sidecar.InjectedFaults["Duplicate"].ShouldBeInRange(50, 200);
        network.Sidecar.InjectedFaults["Unavailable"].ShouldBe(0);
    }

    [Fact]
    public async Task A_publish_that_failed_may_still_have_been_stored()
    {
        await using var network = await Network.StartAsync(options: o => o with { Seed = 1, Faults = new FaultOptions { PublishFailure = 0.5 } });
        var seen = new Inbox<int>();
        var app = await network.AddAppAsync("app", web => web.MapPost("/t", ([FromBody] int n) => seen.Add(n)).WithTopic("pubsub", "t"));
        var failed = new HashSet<int>();
        for (var n = 0; n < 100; n++)
        {
            try
            {
                await app.Client.PublishEventAsync("pubsub", "t", n, Cancel);
            }
            catch (DaprException)
            {
                failed.Add(n);
            }
        }
        network.Sidecar.Faults = new FaultOptions();
        await app.Client.PublishEventAsync("pubsub", "t", 1000, Cancel);

        var arrived = await seen.UntilAsync(i => i.Contains(1000) && Enumerable.Range(0, 100).All(n => failed.Contains(n) || i.Contains(n)) && i.Any(failed.Contains));
        failed.Count.ShouldBeInRange(25, 75);
        arrived.Count(failed.Contains).ShouldBeLessThan(failed.Count);
    }

    [Fact]
    public async Task Counting_in_an_actor_is_exact_although_it_moves_between_turns()
    {
        await using var network = await Network.StartAsync(options: o => o with { Seed = 3, Faults = new FaultOptions { Rebalance = 0.2 } });
        var probe = new CounterProbe();
        var app = await CounterApp.AddAsync(network, probe);

        for (var i = 0; i < 20; i++)
        {
            await Task.WhenAll(Enumerable.Range(0, 10).Select(_ => app.Counter("a").AddAsync(1)));
        }

        (await app.Counter("a").GetAsync()).ShouldBe(200);
        probe.Activated.Items.Count.ShouldBeGreaterThan(20);
    }

    [Fact]
    public async Task An_ETag_conflict_strikes_only_conditional_writes()
    {
        await using var network = await Network.StartAsync(options: o => o with { Faults = new FaultOptions { ETagConflict = 1 } });
        var client = (await network.AddAppAsync("app")).Client;
        await client.SaveStateAsync("statestore", "k", 1, cancellationToken: Cancel);
        var (_, etag) = await client.GetStateAndETagAsync<int>("statestore", "k", cancellationToken: Cancel);

        (await client.TrySaveStateAsync("statestore", "k", 2, etag, cancellationToken: Cancel)).ShouldBeFalse();
        network.Sidecar.Faults = new FaultOptions();
        (await client.TrySaveStateAsync("statestore", "k", 2, etag, cancellationToken: Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task An_unavailable_sidecar_answers_so_and_does_nothing()
    {
        await using var network = await Network.StartAsync(options: o => o with { Faults = new FaultOptions { Unavailable = 1 } });
        var app = await network.AddAppAsync("app");

        var error = await Should.ThrowAsync<DaprException>(() => app.Client.SaveStateAsync("statestore", "k", 1, cancellationToken: Cancel));

        error.InnerException.ShouldBeOfType<Grpc.Core.RpcException>().StatusCode.ShouldBe(Grpc.Core.StatusCode.Unavailable);
        network.Sidecar.Faults = new FaultOptions();
        (await app.Client.GetStateAsync<int?>("statestore", "k", cancellationToken: Cancel)).ShouldBeNull();
    }

    [Fact]
    public void The_same_seed_decides_the_same_and_another_does_not()
    {
        static string Decide(int seed)
        {
            var plan = new FaultPlan(seed, new FaultOptions { Duplicate = 0.3 });
            return string.Concat(Enumerable.Range(0, 200).Select(_ => plan.Strikes(FaultKind.Duplicate, "a/t") ? '1' : '0'));
        }

        Decide(5).ShouldBe(Decide(5));
        Decide(5).ShouldNotBe(Decide(6));
        Decide(5).Count(c => c == '1').ShouldBeInRange(40, 80);
    }

    [Fact]
    public void Probabilities_out_of_range_are_refused() =>
        new FaultOptions { LostAck = 1.5 }.Problem().ShouldNotBeNull().ShouldContain("LostAck");
}
