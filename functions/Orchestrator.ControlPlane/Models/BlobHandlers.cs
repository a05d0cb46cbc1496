using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Logging;
using Microsoft.Net.Http.Headers;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Blobs;
using Orchestrator.ControlPlane.Diagnostics;
using Orchestrator.ControlPlane.Http;

namespace Orchestrator.ControlPlane.Models;

/// <summary>Blobs over HTTP, for admins: shards and manifests come in, evidence can be read.</summary>
public sealed partial class BlobHandlers(IOwnedBlobStore blobs, ControlPlaneOptions options, ControlPlaneMetrics metrics, ILogger<BlobHandlers> log)
{
    /// <summary><c>PUT /api/blobs/{digest}</c>: stored only when the bytes have that digest.</summary>
    public async Task PutAsync(ApiCall call)
    {
        var digest = Digest(call);
        if (call.Http.Request.ContentLength > options.MaxBlobBytes)
            throw ApiErrors.TooLarge(options.MaxBlobBytes);
        if (call.Http.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
            limit.MaxRequestBodySize = options.MaxBlobBytes;
        await using var content = new CheckedStream(call.Http.Request.Body, options.MaxBlobBytes, digest);
        await blobs.PutAsync(digest, content, call.Aborted);
        await call.WriteAsync(new BlobView(digest, content.Count), ControlPlaneJson.Default.BlobView, StatusCodes.Status201Created);
    }

    /// <summary>
    /// <c>GET /api/blobs/{digest}</c>, whole or in ranges: a download that broke off goes on where it was. Asked for with <c>Want-Repr-Digest: sha-256</c>, the
    /// digest of what the store really holds comes with it (RFC 9530): who has the same need not send it. A whole download of a blob that has gone bad in the store
    /// breaks off before its end; whoever has the right bytes puts them again.
    /// </summary>
    public async Task GetAsync(ApiCall call)
    {
        var digest = Digest(call);
        Stream content;
        try
        {
            content = await blobs.OpenAsync(digest, call.Aborted);
        }
        catch (FileNotFoundException)
        {
            throw ApiErrors.NotFound("There is no such blob.");
        }

        if (WantsDigest(call.Http.Request))
        {
            await using var stored = await blobs.OpenAsync(digest, call.Aborted);
            byte[] hash = await SHA256.HashDataAsync(stored, call.Aborted);
            if (Contracts.Digest.FromHash(hash) is var actual && actual != digest)
                Tell(digest, actual);
            call.Http.Response.Headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(hash)}:";
        }

        // A blob never changes: its name is its version.
        var served = new ServedBlobStream(content, digest, actual =>
        {
            Tell(digest, actual);
            call.Http.Abort();
        });
        await Results.Stream(served, "application/octet-stream", entityTag: new EntityTagHeaderValue($"\"{digest}\""), enableRangeProcessing: true).ExecuteAsync(call.Http);
    }

    private static bool WantsDigest(HttpRequest request) => request.Headers["Want-Repr-Digest"].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries))
        .Any(wish => wish.StartsWith("sha-256=", StringComparison.Ordinal) && wish is not "sha-256=0");

    private static Digest Digest(ApiCall call) => Contracts.Digest.TryParse(call.Route("digest"), out var digest)
        ? digest
        : throw ApiErrors.BadParameter("digest", "The digest must be 64 lower-case hex digits (SHA-256).");

    private void Tell(Digest digest, Digest actual)
    {
        metrics.CorruptBlob();
        Corrupt(log, digest, actual);
    }

    [LoggerMessage(EventId = 87, Level = LogLevel.Error, Message = "Blob {Digest} has gone bad: the store holds the bytes of {Actual} under its name. Put it again; a shard by publishing its model again")]
    private static partial void Corrupt(ILogger log, Digest digest, Digest actual);
}
