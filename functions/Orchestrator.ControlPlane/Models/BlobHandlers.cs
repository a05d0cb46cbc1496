using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.Net.Http.Headers;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;

namespace Orchestrator.ControlPlane.Models;

/// <summary>Blobs over HTTP, for admins: shards and manifests come in, evidence can be read.</summary>
public sealed class BlobHandlers(IOwnedBlobStore blobs, ControlPlaneOptions options)
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
    /// digest of what the store really holds comes with it (RFC 9530): who has the same need not send it.
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
            call.Http.Response.Headers["Repr-Digest"] = $"sha-256=:{Convert.ToBase64String(hash)}:";
        }

        // A blob never changes: its name is its version.
        await Results.Stream(content, "application/octet-stream", entityTag: new EntityTagHeaderValue($"\"{digest}\""), enableRangeProcessing: true).ExecuteAsync(call.Http);
    }

    private static bool WantsDigest(HttpRequest request) => request.Headers["Want-Repr-Digest"].SelectMany(v => (v ?? "").Split(',', StringSplitOptions.TrimEntries))
        .Any(wish => wish.StartsWith("sha-256=", StringComparison.Ordinal) && wish is not "sha-256=0");

    private static Digest Digest(ApiCall call) => Contracts.Digest.TryParse(call.Route("digest"), out var digest)
        ? digest
        : throw ApiErrors.BadParameter("digest", "The digest must be 64 lower-case hex digits (SHA-256).");
}
