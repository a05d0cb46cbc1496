using Azure.Core;
using Azure.Storage.Blobs;
using Azure.Storage.Blobs.Specialized;
using Microsoft.AspNetCore.Http;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Blobs;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests.Blobs;

/// <summary>The store on a service that is busy, breaks off, or has leased its blobs to others.</summary>
public sealed class AzureFaultTests(Azurite azurite) : IClassFixture<Azurite>, IDisposable
{
    private const int Size = 9_000_000;

    private readonly TempFolder spool = new();
    private readonly string name = $"f{Guid.NewGuid():n}";

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task What_a_busy_service_refuses_is_asked_again()
    {
        await using var proxy = await StorageProxy.StartAsync(azurite);
        int count = 0;
        proxy.Busy = _ => Interlocked.Increment(ref count) % 2 == 1;
        var store = Store(proxy);

        var digest = await store.PutAsync(new MemoryStream(Bytes), Cancel);

        (await ReadAsync(store, digest)).ShouldBe(digest);
        (await store.TouchAsync(digest, Cancel)).ShouldBeTrue();
        BlobEntry? entry = null;
        await foreach (var listed in store.ListAsync(Cancel))
            entry = listed;
        (await store.DeleteAsync(entry!, Cancel)).ShouldBeTrue();
        (await store.ExistsAsync(digest, Cancel)).ShouldBeFalse();
        proxy.Refused.ShouldBeGreaterThan(8);
    }

    [Fact]
    public async Task A_service_that_stays_busy_loses_nothing_and_says_so()
    {
        await using var proxy = await StorageProxy.StartAsync(azurite);
        var store = Store(proxy);
        var kept = await store.PutAsync(new MemoryStream(Bytes), Cancel);
        proxy.Busy = request => HttpMethods.IsPut(request.Method);

        var refused = await Should.ThrowAsync<IOException>(() => store.PutAsync(new MemoryStream([1, 2, 3]), Cancel));

        refused.Message.ShouldContain("busy");
        proxy.Busy = _ => false;
        (await store.ExistsAsync(Digest.Of([1, 2, 3]), Cancel)).ShouldBeFalse();
        (await ReadAsync(store, kept)).ShouldBe(kept);
    }

    [Fact]
    public async Task A_download_that_breaks_off_goes_on_where_it_was()
    {
        await using var proxy = await StorageProxy.StartAsync(azurite);
        var store = Store(proxy);
        var digest = await store.PutAsync(new MemoryStream(Bytes), Cancel);
        int cut = 0;
        proxy.Cuts = request => HttpMethods.IsGet(request.Method) && Interlocked.Increment(ref cut) <= 2 ? 1_000_000 : null;

        (await ReadAsync(store, digest)).ShouldBe(digest);

        proxy.Requests.Items.Where(r => r.Method == "GET").Select(r => From(r.Range)).ShouldContain(from => from > 0 && from % 4_194_304 != 0, "a rest was asked for");
    }

    [Fact]
    public async Task Who_reads_a_part_gets_that_part_from_the_service()
    {
        await using var proxy = await StorageProxy.StartAsync(azurite);
        var store = Store(proxy);
        var digest = await store.PutAsync(new MemoryStream(Bytes), Cancel);

        await using var stream = await store.OpenAsync(digest, Cancel);
        stream.Position = 8_000_000;
        byte[] part = new byte[1_000];
        await stream.ReadExactlyAsync(part, Cancel);

        part.ShouldBe(Bytes[8_000_000..8_001_000]);
        proxy.Requests.Items.Where(r => r.Method == "GET").ShouldAllBe(r => From(r.Range) >= 8_000_000);
    }

    [Fact]
    public async Task A_lease_of_somebody_else_stops_deletion_and_nothing_more()
    {
        await using var proxy = await StorageProxy.StartAsync(azurite);
        var store = Store(proxy);
        var digest = await store.PutAsync(new MemoryStream(Bytes), Cancel);
        BlobEntry? entry = null;
        await foreach (var listed in store.ListAsync(Cancel))
            entry = listed;
        var lease = new BlobContainerClient(proxy.ConnectionString, name).GetBlobClient(digest.Value).GetBlobLeaseClient();
        await lease.AcquireAsync(TimeSpan.FromSeconds(60), cancellationToken: Cancel);

        (await store.TouchAsync(digest, Cancel)).ShouldBeTrue();
        (await store.PutAsync(new MemoryStream(Bytes), Cancel)).ShouldBe(digest);
        (await ReadAsync(store, digest)).ShouldBe(digest);
        (await store.DeleteAsync(entry!, Cancel)).ShouldBeFalse();

        await lease.ReleaseAsync(cancellationToken: Cancel);
        (await ReadAsync(store, digest)).ShouldBe(digest);
    }

    [Theory]
    [InlineData(Size)]
    [InlineData(10)]
    [InlineData(0)]
    public async Task What_has_gone_bad_is_whole_again_once_it_is_put_again(int size)
    {
        await using var proxy = await StorageProxy.StartAsync(azurite);
        var store = Store(proxy);
        var digest = await store.PutAsync(new MemoryStream(Bytes), Cancel);
        await new BlobContainerClient(proxy.ConnectionString, name).GetBlobClient(digest.Value).UploadAsync(new MemoryStream(new byte[size]), overwrite: true, Cancel);
        (await ReadAsync(store, digest)).ShouldNotBe(digest);

        await Should.ThrowAsync<InvalidDataException>(() => store.PutAsync(digest, new MemoryStream([1, 2, 3]), Cancel));
        (await ReadAsync(store, digest)).ShouldNotBe(digest);
        await store.PutAsync(digest, new MemoryStream(Bytes), Cancel);

        (await ReadAsync(store, digest)).ShouldBe(digest);
    }

    public void Dispose() => spool.Dispose();

    private static byte[] Bytes { get; } = Made();

    private AzureBlobStore Store(StorageProxy proxy)
    {
        var options = BlobStores.Patient();
        (options.Retry.Mode, options.Retry.Delay) = (RetryMode.Fixed, TimeSpan.FromMilliseconds(1));
        return new AzureBlobStore(new BlobContainerClient(proxy.ConnectionString, name, options), 10_000_000, spool.Path);
    }

    private static async Task<Digest> ReadAsync(AzureBlobStore store, Digest digest)
    {
        await using var stream = await store.OpenAsync(digest, Cancel);
        return await Digest.OfAsync(stream, Cancel);
    }

    private static long From(string? range) => range is null ? 0 : long.Parse(range["bytes=".Length..].Split('-')[0]);

    private static byte[] Made()
    {
        byte[] bytes = new byte[Size];
        new Random(Size).NextBytes(bytes);
        return bytes;
    }
}
