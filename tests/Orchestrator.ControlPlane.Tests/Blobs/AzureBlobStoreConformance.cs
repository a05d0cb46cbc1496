using Azure.Storage.Blobs;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Blobs;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests.Blobs;

/// <summary>The same promises, kept by Azure's own emulator.</summary>
public sealed class AzureBlobStoreConformance : BlobStoreConformance, IClassFixture<Azurite>, IDisposable
{
    private readonly TempFolder spool = new();
    private readonly BlobContainerClient container;

    public AzureBlobStoreConformance(Azurite azurite)
    {
        container = new BlobContainerClient(azurite.ConnectionString, $"c{Guid.NewGuid():n}");
        Store = new AzureBlobStore(container, MaxBytes, spool.Path);
    }

    protected override IOwnedBlobStore Store { get; }

    [Fact]
    public async Task Nothing_is_left_in_the_spool_folder()
    {
        await Store.PutAsync(new MemoryStream(Bytes(100_000)), Cancel);

        Directory.GetFileSystemEntries(spool.Path).ShouldBeEmpty();
    }

    [Fact]
    public async Task Blobs_with_other_names_are_left_alone()
    {
        await container.CreateIfNotExistsAsync(cancellationToken: Cancel);
        await container.UploadBlobAsync("readme", BinaryData.FromString("x"), Cancel);

        (await ListAsync()).ShouldBeEmpty();
    }

    public void Dispose() => spool.Dispose();
}
