using System.Net;
using Orchestrator.Contracts;

namespace Orchestrator.Worker.Shards;

/// <summary>Reads blobs from <c>GET {base}/{digest}</c>.</summary>
public sealed class HttpBlobStore(HttpClient http, Uri baseAddress) : IBlobStore
{
    private readonly string root = baseAddress.AbsoluteUri.TrimEnd('/');

    /// <inheritdoc />
    public async Task<Stream> OpenAsync(Digest digest, CancellationToken cancel = default)
    {
        var response = await http.GetAsync($"{root}/{digest}", HttpCompletionOption.ResponseHeadersRead, cancel);
        if (response.StatusCode == HttpStatusCode.NotFound)
        {
            response.Dispose();
            throw new FileNotFoundException($"Blob {digest.Short} is not at {root}.");
        }

        return await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync(cancel);
    }

    /// <inheritdoc />
    public async Task<bool> ExistsAsync(Digest digest, CancellationToken cancel = default)
    {
        using var request = new HttpRequestMessage(HttpMethod.Head, $"{root}/{digest}");
        using var response = await http.SendAsync(request, cancel);
        return response.IsSuccessStatusCode;
    }

    /// <summary>Workers only read.</summary>
    /// <exception cref="NotSupportedException">Always.</exception>
    public Task<Digest> PutAsync(Stream content, CancellationToken cancel = default) => throw new NotSupportedException("Workers only read blobs.");
}
