using Orchestrator.Contracts;

namespace Orchestrator.Worker.Gateway;

/// <summary>Reads blobs through a gateway; a download that breaks goes on where it was.</summary>
public sealed class GatewayBlobStore(GatewayWay way, TimeProvider time) : IBlobStore
{
    /// <inheritdoc />
    public async Task<Stream> OpenAsync(Digest digest, CancellationToken cancel = default)
    {
        var stream = new GatewayBlobStream(way, digest, time);
        try
        {
            await stream.OpenAsync(cancel);
            return stream;
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    /// <inheritdoc />
    public async Task<bool> ExistsAsync(Digest digest, CancellationToken cancel = default)
    {
        try
        {
            await using var stream = await OpenAsync(digest, cancel);
            return true;
        }
        catch (FileNotFoundException)
        {
            return false;
        }
    }

    /// <summary>Workers only read.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public Task<Digest> PutAsync(Stream content, CancellationToken cancel = default) => throw new NotSupportedException("Workers only read blobs.");
}
