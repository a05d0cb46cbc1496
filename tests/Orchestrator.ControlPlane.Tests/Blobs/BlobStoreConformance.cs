using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.Tests.Blobs;

/// <summary>What every blob store promises.</summary>
public abstract class BlobStoreConformance
{
    /// <summary>Largest blob of the stores under test.</summary>
    protected const long MaxBytes = 10_000_000;

    private static readonly Digest Missing = Digest.Of("missing"u8);

    protected abstract IOwnedBlobStore Store { get; }

    protected static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(300_000)]
    [InlineData(9_000_001)]
    public async Task What_is_put_is_read_under_its_digest(int size)
    {
        byte[] bytes = Bytes(size);

        var digest = await Store.PutAsync(new MemoryStream(bytes), Cancel);

        digest.ShouldBe(Digest.Of(bytes));
        (await Store.ExistsAsync(digest, Cancel)).ShouldBeTrue();
        (await ReadAsync(digest)).ShouldBe(bytes);
        (await ListedAsync(digest))!.Bytes.ShouldBe(size);
    }

    [Fact]
    public async Task A_stream_that_cannot_seek_is_stored_under_the_digest_announced()
    {
        byte[] bytes = Bytes(9_000_000);

        await Store.PutAsync(Digest.Of(bytes), new Trickle(bytes), Cancel);

        (await ReadAsync(Digest.Of(bytes))).ShouldBe(bytes);
    }

    [Fact]
    public async Task Other_bytes_than_announced_are_not_stored()
    {
        byte[] bytes = Bytes(100);

        await Should.ThrowAsync<InvalidDataException>(() => Store.PutAsync(Missing, new MemoryStream(bytes), Cancel));

        (await Store.ExistsAsync(Missing, Cancel)).ShouldBeFalse();
        (await Store.ExistsAsync(Digest.Of(bytes), Cancel)).ShouldBeFalse();
    }

    [Fact]
    public async Task Other_bytes_than_announced_do_not_change_a_blob_that_is_there()
    {
        byte[] bytes = Bytes(100);
        var digest = await Store.PutAsync(new MemoryStream(bytes), Cancel);

        await Should.ThrowAsync<InvalidDataException>(() => Store.PutAsync(digest, new MemoryStream(Bytes(101)), Cancel));

        (await ReadAsync(digest)).ShouldBe(bytes);
    }

    [Fact]
    public async Task More_than_the_store_takes_is_refused_and_leaves_nothing()
    {
        var endless = new Trickle(new byte[MaxBytes + 1]);

        await Should.ThrowAsync<InvalidDataException>(() => Store.PutAsync(Missing, endless, Cancel));
        await Should.ThrowAsync<InvalidDataException>(() => Store.PutAsync(new Trickle(new byte[MaxBytes + 1]), Cancel));

        (await ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task An_upload_that_breaks_off_leaves_nothing()
    {
        var broken = new Trickle(Bytes(5_000_000)) { BreaksAt = 4_500_000 };

        await Should.ThrowAsync<IOException>(() => Store.PutAsync(Missing, broken, Cancel));

        (await ListAsync()).ShouldBeEmpty();
    }

    [Fact]
    public async Task What_is_missing_says_so()
    {
        (await Store.ExistsAsync(Missing, Cancel)).ShouldBeFalse();
        (await Store.TouchAsync(Missing, Cancel)).ShouldBeFalse();
        (await Should.ThrowAsync<FileNotFoundException>(() => Store.OpenAsync(Missing, Cancel))).Message.ShouldContain(Missing.Short);
        await Should.ThrowAsync<ArgumentException>(() => Store.OpenAsync(default, Cancel));
    }

    [Fact]
    public async Task Writers_of_the_same_blob_do_not_disturb_each_other()
    {
        byte[] bytes = Bytes(4_300_000);

        var digests = await Task.WhenAll(Enumerable.Range(0, 6).Select(_ => Store.PutAsync(new MemoryStream(bytes), Cancel)));

        digests.Distinct().ShouldHaveSingleItem();
        (await ReadAsync(digests[0])).ShouldBe(bytes);
        (await ListAsync()).ShouldHaveSingleItem();
    }

    [Fact]
    public async Task A_reader_goes_on_while_the_blob_is_put_again_and_touched()
    {
        byte[] bytes = Bytes(6_000_000);
        var digest = await Store.PutAsync(new MemoryStream(bytes), Cancel);
        await using var stream = await Store.OpenAsync(digest, Cancel);
        byte[] first = new byte[1_000];
        await stream.ReadExactlyAsync(first, Cancel);

        await Store.PutAsync(new MemoryStream(bytes), Cancel);
        await Store.TouchAsync(digest, Cancel);

        byte[] rest = new byte[bytes.Length - first.Length];
        await stream.ReadExactlyAsync(rest, Cancel);
        first.Concat(rest).ShouldBe(bytes);
        stream.Length.ShouldBe(bytes.Length);
    }

    [Fact]
    public async Task A_listed_blob_can_be_deleted_once()
    {
        var digest = await Store.PutAsync(new MemoryStream(Bytes(10)), Cancel);
        var kept = await Store.PutAsync(new MemoryStream(Bytes(11)), Cancel);
        var entry = (await ListedAsync(digest))!;

        (await Store.DeleteAsync(entry, Cancel)).ShouldBeTrue();

        (await Store.DeleteAsync(entry, Cancel)).ShouldBeFalse();
        (await Store.ExistsAsync(digest, Cancel)).ShouldBeFalse();
        (await ListAsync()).ShouldHaveSingleItem().Digest.ShouldBe(kept);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_blob_that_was_put_or_touched_after_it_was_listed_is_not_deleted(bool again)
    {
        byte[] bytes = Bytes(10);
        var digest = await Store.PutAsync(new MemoryStream(bytes), Cancel);
        var entry = (await ListedAsync(digest))!;

        if (again)
            await Store.PutAsync(digest, new MemoryStream(bytes), Cancel);
        else
            (await Store.TouchAsync(digest, Cancel)).ShouldBeTrue();

        (await Store.DeleteAsync(entry, Cancel)).ShouldBeFalse();
        (await ReadAsync(digest)).ShouldBe(bytes);
        (await ListedAsync(digest))!.StoredAt.ShouldBeGreaterThanOrEqualTo(entry.StoredAt);
    }

    protected async Task<IReadOnlyList<BlobEntry>> ListAsync()
    {
        List<BlobEntry> entries = [];
        await foreach (var entry in Store.ListAsync(Cancel))
            entries.Add(entry);
        return entries;
    }

    protected static byte[] Bytes(int size)
    {
        byte[] bytes = new byte[size];
        new Random(size).NextBytes(bytes);
        return bytes;
    }

    private async Task<BlobEntry?> ListedAsync(Digest digest) => (await ListAsync()).SingleOrDefault(e => e.Digest == digest);

    private async Task<byte[]> ReadAsync(Digest digest)
    {
        await using var stream = await Store.OpenAsync(digest, Cancel);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy, Cancel);
        return copy.ToArray();
    }

    /// <summary>A network body: no seeking, no length, odd pieces, and it may break off.</summary>
    private sealed class Trickle(byte[] bytes) : MemoryStream(bytes)
    {
        public long BreaksAt { get; init; } = long.MaxValue;

        public override bool CanSeek => false;

        public override ValueTask<int> ReadAsync(Memory<byte> buffer, CancellationToken cancellationToken = default) =>
            Position >= BreaksAt ? throw new IOException("broken") : base.ReadAsync(buffer[..Math.Min(buffer.Length, 77_777)], cancellationToken);
    }
}
