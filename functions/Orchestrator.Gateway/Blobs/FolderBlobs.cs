using Microsoft.Net.Http.Headers;
using Orchestrator.Contracts;

namespace Orchestrator.Gateway.Blobs;

/// <summary>Blobs of a folder that the control plane fills, e.g. a volume that both mount.</summary>
internal sealed class FolderBlobs(string folder) : IBlobs
{
    private readonly FolderBlobStore store = new(folder);

    public async Task ServeAsync(HttpContext http, Digest digest)
    {
        Stream content;
        try
        {
            content = await store.OpenAsync(digest, http.RequestAborted);
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            http.Response.StatusCode = StatusCodes.Status404NotFound;
            return;
        }

        // A blob never changes: its name is its version.
        await Results.Stream(content, "application/octet-stream", entityTag: new EntityTagHeaderValue($"\"{digest}\""), enableRangeProcessing: true).ExecuteAsync(http);
    }
}
