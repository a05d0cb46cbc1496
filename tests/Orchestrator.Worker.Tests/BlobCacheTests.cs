using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.Worker.Shards;

namespace Orchestrator.Worker.Tests;

public sealed class BlobCacheTests : IDisposable
{
    private static readonly CancellationToken Cancel = CancellationToken.None;

    private readonly string folder = Directory.CreateTempSubdirectory("blob-cache-").FullName;
    private readonly CountingStore store;

    public BlobCacheTests() => store = new CountingStore(new FolderBlobStore(Path.Combine(folder, "store")));

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Fact]
    public async Task A_blob_is_fetched_once_and_reused_after_a_restart()
    {
        var digest = await PutAsync("a shard"u8.ToArray());
        using (var cache = Cache())
        {
            await cache.GetAsync(digest, 100, Cancel);
            await cache.GetAsync(digest, 100, Cancel);
        }

        using var restarted = Cache();
        (await File.ReadAllTextAsync(await restarted.GetAsync(digest, 100, Cancel), Cancel)).ShouldBe("a shard");
        store.Opened.ShouldBe(1);
    }

    [Fact]
    public async Task A_file_damaged_at_rest_is_fetched_again()
    {
        var digest = await PutAsync("a shard"u8.ToArray());
        string path;
        using (var cache = Cache())
            path = await cache.GetAsync(digest, 100, Cancel);
        await File.WriteAllTextAsync(path, "damaged", Cancel);
        using var restarted = Cache();
        (await File.ReadAllTextAsync(await restarted.GetAsync(digest, 100, Cancel), Cancel)).ShouldBe("a shard");
        store.Opened.ShouldBe(2);
    }

    [Fact]
    public async Task A_blob_longer_than_stated_is_not_kept()
    {
        var digest = await PutAsync(new byte[1000]);
        using var cache = Cache();
        (await Should.ThrowAsync<InvalidDataException>(() => cache.GetAsync(digest, 999, Cancel))).Message.ShouldContain("999");
        Directory.EnumerateFiles(Path.Combine(folder, "cache"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    [Fact]
    public async Task Other_bytes_under_the_name_are_not_kept()
    {
        var digest = await PutAsync("a shard"u8.ToArray());
        store.Replace = "another"u8.ToArray();
        using var cache = Cache();
        await Should.ThrowAsync<InvalidDataException>(() => cache.GetAsync(digest, 100, Cancel));
        Directory.EnumerateFiles(Path.Combine(folder, "cache"), "*", SearchOption.AllDirectories).ShouldBeEmpty();
        store.Replace = null;
        await cache.GetAsync(digest, 100, Cancel);
    }

    [Fact]
    public async Task Blobs_used_longest_ago_make_room_and_held_ones_stay_for_every_process()
    {
        var time = new FakeTimeProvider(DateTimeOffset.UnixEpoch.AddYears(50));
        Digest[] blobs = [await PutAsync(new byte[40]), await PutAsync([.. Enumerable.Repeat((byte)1, 40)]), await PutAsync([.. Enumerable.Repeat((byte)2, 40)]), await PutAsync([.. Enumerable.Repeat((byte)3, 40)])];
        using var cache = Cache(130, time);
        using var other = Cache(130, time);
        string[] paths = new string[4];
        using (await other.HoldAsync(blobs[0], 40, Cancel))
        {
            for (int i = 1; i < 3; i++)
            {
                time.Advance(TimeSpan.FromMinutes(1));
                paths[i] = await cache.GetAsync(blobs[i], 40, Cancel);
            }

            time.Advance(TimeSpan.FromMinutes(1));
            await cache.GetAsync(blobs[1], 40, Cancel);
            time.Advance(TimeSpan.FromMinutes(1));
            paths[3] = await cache.GetAsync(blobs[3], 40, Cancel);
            paths[0] = await other.GetAsync(blobs[0], 40, Cancel);
            paths.Select(File.Exists).ShouldBe([true, true, false, true]);
        }

        time.Advance(TimeSpan.FromMinutes(1));
        await cache.GetAsync(blobs[3], 40, Cancel);
        time.Advance(TimeSpan.FromMinutes(1));
        await cache.GetAsync(blobs[1], 40, Cancel);
        await cache.GetAsync(blobs[2], 40, Cancel);
        paths.Select(File.Exists).ShouldBe([false, true, true, true]);
    }

    private BlobCache Cache(long limit = 1 << 20, TimeProvider? time = null) => new(store, Path.Combine(folder, "cache"), limit, time ?? TimeProvider.System);

    private Task<Digest> PutAsync(byte[] bytes) => store.PutAsync(new MemoryStream(bytes), Cancel);

    private sealed class CountingStore(IBlobStore inner) : IBlobStore
    {
        public int Opened { get; private set; }

        public byte[]? Replace { get; set; }

        public Task<Digest> PutAsync(Stream content, CancellationToken cancel = default) => inner.PutAsync(content, cancel);

        public Task<bool> ExistsAsync(Digest digest, CancellationToken cancel = default) => inner.ExistsAsync(digest, cancel);

        public async Task<Stream> OpenAsync(Digest digest, CancellationToken cancel = default)
        {
            Opened++;
            return Replace is { } bytes ? new MemoryStream(bytes) : await inner.OpenAsync(digest, cancel);
        }
    }
}
