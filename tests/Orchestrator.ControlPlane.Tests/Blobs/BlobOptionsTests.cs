using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Blobs;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests.Blobs;

public sealed class BlobOptionsTests : IDisposable
{
    private readonly TempFolder folder = new();

    [Fact]
    public void One_place_is_enough_and_more_or_none_is_refused()
    {
        string file = folder.Write("connection", "UseDevelopmentStorage=true"u8);
        BlobStores.Problems(With(new BlobOptions { Folder = "blobs" })).ShouldBeEmpty();
        BlobStores.Problems(With(new BlobOptions { ConnectionStringFile = file })).ShouldBeEmpty();
        BlobStores.Problems(With(new BlobOptions { Container = new Uri("https://account.blob.core.windows.net/blobs") })).ShouldBeEmpty();

        BlobStores.Problems(With(new BlobOptions())).ShouldContain(p => p.Contains("exactly one"));
        BlobStores.Problems(With(new BlobOptions { Folder = "blobs", ConnectionStringFile = file })).ShouldContain(p => p.Contains("exactly one"));
    }

    [Theory]
    [InlineData("http://account.blob.core.windows.net/blobs")]
    [InlineData("https://account.blob.core.windows.net/")]
    [InlineData("https://account.blob.core.windows.net/blobs?sig=secret")]
    public void A_container_is_an_address_without_secrets(string address) =>
        BlobStores.Problems(With(new BlobOptions { Container = new Uri(address) })).ShouldContain(p => p.Contains("Blobs.Container"));

    [Fact]
    public void Blobs_outlast_the_jobs_that_name_them() =>
        BlobStores.Problems(With(new BlobOptions { Folder = "blobs", Retention = TimeSpan.FromDays(13) })).ShouldContain(p => p.Contains("Blobs.Retention"));

    [Fact]
    public void A_connection_string_comes_from_its_file()
    {
        string file = folder.Write("connection", "UseDevelopmentStorage=true\n"u8);

        BlobStores.Open(With(new BlobOptions { ConnectionStringFile = file }), TimeProvider.System).ShouldBeOfType<AzureBlobStore>();
        BlobStores.Open(With(new BlobOptions { Container = new Uri("https://account.blob.core.windows.net/blobs"), ClientId = "id" }), TimeProvider.System).ShouldBeOfType<AzureBlobStore>();
        BlobStores.Open(With(new BlobOptions { Folder = folder.Path }), TimeProvider.System).ShouldBeOfType<FolderBlobStore>();
    }

    public void Dispose() => folder.Dispose();

    private static ControlPlaneOptions With(BlobOptions blobs) => new() { Blobs = blobs };
}
