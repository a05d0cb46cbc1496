using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Blobs;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests.Blobs;

/// <summary>What goes out under a blob's name.</summary>
public sealed class ServedBlobStreamTests
{
    private static readonly byte[] Bytes = Some.Bytes(300_000);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_right_bytes_are_served_whole_and_in_parts()
    {
        using var all = new MemoryStream();
        await using var blob = new ServedBlobStream(new MemoryStream(Bytes), Digest.Of(Bytes), _ => throw new InvalidOperationException("they are right"));

        await blob.CopyToAsync(all, Cancel);
        all.ToArray().ShouldBe(Bytes);

        blob.Position = 200_000;
        byte[] part = new byte[1_000];
        await blob.ReadExactlyAsync(part, Cancel);
        part.ShouldBe(Bytes[200_000..201_000]);
        blob.Length.ShouldBe(Bytes.Length);
    }

    [Fact]
    public async Task Of_other_bytes_than_the_name_says_the_end_does_not_go_out_and_it_is_told_once()
    {
        List<Digest> told = [];
        byte[] bad = [.. Bytes[..^1], (byte)~Bytes[^1]];
        using var got = new MemoryStream();
        await using var blob = new ServedBlobStream(new MemoryStream(bad), Digest.Of(Bytes), told.Add);

        await Should.ThrowAsync<InvalidDataException>(() => blob.CopyToAsync(got, Cancel));

        got.Length.ShouldBeLessThan(Bytes.Length);
        told.ShouldBe([Digest.Of(bad)]);
    }

    [Fact]
    public async Task A_part_of_them_says_nothing_about_the_whole()
    {
        byte[] bad = new byte[Bytes.Length];
        await using var blob = new ServedBlobStream(new MemoryStream(bad), Digest.Of(Bytes), _ => throw new InvalidOperationException("nobody knows"));

        blob.Position = 100_000;
        using var rest = new MemoryStream();
        await blob.CopyToAsync(rest, Cancel);

        rest.Length.ShouldBe(200_000);
    }
}
