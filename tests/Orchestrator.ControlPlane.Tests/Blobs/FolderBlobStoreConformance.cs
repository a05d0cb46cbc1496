using Microsoft.Extensions.Time.Testing;
using Orchestrator.Contracts;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests.Blobs;

public sealed class FolderBlobStoreConformance : BlobStoreConformance, IDisposable
{
    private readonly TempFolder folder = new();
    private readonly FakeTimeProvider time = new(new DateTimeOffset(2031, 1, 1, 0, 0, 0, TimeSpan.Zero)) { AutoAdvanceAmount = TimeSpan.FromTicks(1) };

    public FolderBlobStoreConformance() => Store = new FolderBlobStore(folder["blobs"], MaxBytes, time);

    protected override IOwnedBlobStore Store { get; }

    [Fact]
    public async Task Only_blobs_are_listed_and_links_are_not_followed()
    {
        File.WriteAllText(folder["elsewhere"], "x");
        var digest = await Store.PutAsync(new MemoryStream(Bytes(3)), Cancel);
        File.WriteAllText(folder[Path.Combine("blobs", "abandoned.part")], "x");
        File.CreateSymbolicLink(folder[Path.Combine("blobs", new string('a', 64))], folder["elsewhere"]);

        (await ListAsync()).ShouldHaveSingleItem().Digest.ShouldBe(digest);
    }

    public void Dispose() => folder.Dispose();
}
