using System.Net;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Blobs;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Sidecar.Faults;

namespace Orchestrator.ControlPlane.Tests.Blobs;

/// <summary>The platform's own store with a published model; files are made old by hand.</summary>
public sealed class BlobSweeperTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Old_evidence_goes_and_a_published_model_stays()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1);
        var store = platform.Services.GetRequiredService<IOwnedBlobStore>();
        var evidence = await store.PutAsync(new MemoryStream([1, 2, 3]), Cancel);
        platform.MakeBlobsOlder(TimeSpan.FromDays(46));
        var young = await store.PutAsync(new MemoryStream([4]), Cancel);

        var gone = await platform.Services.GetRequiredService<BlobSweeper>().SweepAsync(Cancel);

        gone.ShouldHaveSingleItem().Digest.ShouldBe(evidence);
        (await store.ExistsAsync(young, Cancel)).ShouldBeTrue();
        foreach (var shard in platform.Model.Manifest.Stages)
            (await store.ExistsAsync(shard.Blob, Cancel)).ShouldBeTrue($"stage {shard.Stage}");
    }

    [Fact]
    public async Task A_node_that_fills_the_store_loses_what_no_check_needs_any_more()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1, configure: o => o with { Blobs = o.Blobs with { MaxUnpinnedBytes = 2_500 } });
        var store = platform.Services.GetRequiredService<IOwnedBlobStore>();
        var options = platform.Services.GetRequiredService<ControlPlaneOptions>();
        for (byte i = 0; i < 5; i++)
            await store.PutAsync(new MemoryStream([.. Enumerable.Repeat(i, 1_000)]), Cancel);
        var sweeper = platform.Services.GetRequiredService<BlobSweeper>();
        (await sweeper.SweepAsync(Cancel)).ShouldBeEmpty("all of it may still be evidence");

        platform.MakeBlobsOlder(BlobStores.NeededFor(options) + TimeSpan.FromMinutes(1));

        (await sweeper.SweepAsync(Cancel)).Count.ShouldBe(3);
        (await sweeper.SweepAsync(Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task Nothing_goes_while_actors_do_not_say_what_is_published()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1);
        platform.MakeBlobsOlder(TimeSpan.FromDays(400));
        platform.Faults = new FaultOptions { Unavailable = 1 };

        await Should.ThrowAsync<Exception>(() => platform.Services.GetRequiredService<BlobSweeper>().SweepAsync(Cancel));

        platform.Faults = new FaultOptions();
        (await platform.Services.GetRequiredService<IOwnedBlobStore>().ExistsAsync(platform.Model.Manifest.Stages[0].Blob, Cancel)).ShouldBeTrue();
    }

    [Fact]
    public async Task A_replaced_model_stays_for_the_jobs_that_still_check_it()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1);
        platform.MakeBlobsOlder(TimeSpan.FromDays(400));
        var before = platform.Model.Manifest;

        await platform.RepublishAsync(before with { ContextLength = before.ContextLength - 1 });

        (await platform.Services.GetRequiredService<BlobSweeper>().SweepAsync(Cancel)).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_upload_whose_bytes_are_others_is_refused_and_not_kept()
    {
        await using var platform = await Platform.StartAsync(nodes: 4, chains: 1);
        using var client = platform.Client(Platform.AdminKey);
        var announced = Digest.Of("announced"u8);

        var answer = await client.PutAsync($"/api/blobs/{announced}", new ByteArrayContent([1, 2, 3]), Cancel);

        answer.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await platform.Services.GetRequiredService<IOwnedBlobStore>().ExistsAsync(announced, Cancel)).ShouldBeFalse();
    }
}
