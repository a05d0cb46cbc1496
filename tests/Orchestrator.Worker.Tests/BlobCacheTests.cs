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

    private BlobCache Cache() => new(store, Path.Combine(folder, "cache"), TimeProvider.System);

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
