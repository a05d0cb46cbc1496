using Orchestrator.TestKit;

namespace Orchestrator.Contracts.Tests;

public sealed class FolderBlobStoreTests : IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FolderBlobStore store;

    public FolderBlobStoreTests() => store = new FolderBlobStore(folder["blobs"]);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300_000)]
    public async Task What_is_put_is_read_under_its_digest(int size)
    {
        byte[] bytes = Some.Bytes(size);
        var digest = await store.PutAsync(new MemoryStream(bytes), Cancel);
        digest.ShouldBe(Digest.Of(bytes));
        (await store.PutAsync(new MemoryStream(bytes), Cancel)).ShouldBe(digest);
        (await store.ExistsAsync(digest, Cancel)).ShouldBeTrue();
        await using var stream = await store.OpenAsync(digest, Cancel);
        var read = new MemoryStream();
        await stream.CopyToAsync(read, Cancel);
        read.ToArray().ShouldBe(bytes);
        Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task What_is_missing_says_so()
    {
        (await store.ExistsAsync(Some.Digest(), Cancel)).ShouldBeFalse();
        (await Should.ThrowAsync<FileNotFoundException>(() => store.OpenAsync(Some.Digest(), Cancel))).Message.ShouldContain(Some.Digest().Short);
        await Should.ThrowAsync<ArgumentException>(() => store.OpenAsync(default, Cancel));
    }

    [Fact]
    public async Task Writers_of_the_same_blob_do_not_disturb_each_other()
    {
        byte[] bytes = Some.Bytes(100_000);
        var digests = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => store.PutAsync(new MemoryStream(bytes), Cancel)));
        digests.Distinct().ShouldHaveSingleItem();
        await using var stream = await store.OpenAsync(digests[0], Cancel);
        (await Digest.OfAsync(stream, Cancel)).ShouldBe(digests[0]);
    }

    [Fact]
    public async Task A_failed_upload_leaves_nothing()
    {
        await Should.ThrowAsync<IOException>(() => store.PutAsync(new BrokenStream(), Cancel));
        Directory.GetFiles(folder.Path, "*", SearchOption.AllDirectories).ShouldBeEmpty();
    }

    private sealed class BrokenStream : MemoryStream
    {
        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) => throw new IOException("broken");
    }
}
