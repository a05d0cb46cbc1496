using System.Net;
using System.Net.Http.Headers;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.RegularExpressions;

namespace Orchestrator.Controller.Platform;

/// <summary>
/// An OCI artifact, <c>oci://registry/repository:tag</c> or <c>@sha256:…</c>, whose layers are the manifest and the shards, named by the annotation
/// <c>org.opencontainers.image.title</c> as <c>oras push</c> writes it. Public repositories only: the token that a registry hands to anyone is fetched, no other.
/// </summary>
public sealed partial class OciSource(HttpClient http) : ISourceReader
{
    private const string Title = "org.opencontainers.image.title";
    private const string ManifestType = "application/vnd.oci.image.manifest.v1+json";
    private const int MaxDocument = 4 << 20;

    /// <inheritdoc />
    public async Task<SourceFile> OpenAsync(Uri source, string? file, CancellationToken cancel)
    {
        var (registry, repository, reference) = Parse(source);
        var manifests = new Uri($"https://{registry}/v2/{repository}/manifests/{reference}");
        using var found = await GetAsync(manifests, source, cancel);
        var artifact = await ReadAsync(found, OciJson.Default.OciManifest, source, cancel);
        string wanted = file ?? "manifest.json";
        var layer = artifact.Layers.FirstOrDefault(l => l.Annotations?.GetValueOrDefault(Title) == wanted)
            ?? throw new PlatformException(PlatformException.BadSource, $"{source} has no layer titled {wanted}: push the folder that 'orchestrator model shard' wrote with 'oras push'.");
        if (!LayerDigest().IsMatch(layer.Digest))
            throw new PlatformException(PlatformException.BadSource, $"{source} has a layer whose digest is not sha256.");
        return new SourceFile(await GetAsync(new Uri($"https://{registry}/v2/{repository}/blobs/{layer.Digest}"), source, cancel));
    }

    private async Task<HttpResponseMessage> GetAsync(Uri address, Uri source, CancellationToken cancel)
    {
        var response = await SendAsync(address, null, cancel);
        if (response.StatusCode == HttpStatusCode.Unauthorized && Challenge(response) is { } challenge)
        {
            response.Dispose();
            response = await SendAsync(address, await TokenAsync(challenge, source, cancel), cancel);
        }

        return response.IsSuccessStatusCode ? response : throw SourceRequest.Failure(response, "push the model there, or make the repository public");
    }

    private Task<HttpResponseMessage> SendAsync(Uri address, string? token, CancellationToken cancel)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, address);
        request.Headers.Accept.ParseAdd(ManifestType);
        request.Headers.Accept.ParseAdd("*/*;q=0.1");
        if (token is not null)
            request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", token);
        return SourceRequest.SendAsync(http, request, cancel);
    }

    private async Task<string> TokenAsync(Uri challenge, Uri source, CancellationToken cancel)
    {
        using var answer = await SendAsync(challenge, null, cancel);
        if (!answer.IsSuccessStatusCode)
            throw SourceRequest.Failure(answer, "make the repository public");
        var token = await ReadAsync(answer, OciJson.Default.OciToken, source, cancel);
        return token.Token ?? token.AccessToken ?? throw new PlatformException(PlatformException.BadSource, $"{challenge.Host} answered without a token.");
    }

    private static Uri? Challenge(HttpResponseMessage response)
    {
        var bearer = response.Headers.WwwAuthenticate.FirstOrDefault(h => string.Equals(h.Scheme, "Bearer", StringComparison.OrdinalIgnoreCase));
        if (bearer?.Parameter is not { } text)
            return null;
        var fields = ChallengeField().Matches(text).DistinctBy(m => m.Groups[1].Value.ToLowerInvariant()).ToDictionary(m => m.Groups[1].Value.ToLowerInvariant(), m => m.Groups[2].Value);
        if (!fields.TryGetValue("realm", out string? realm) || !Uri.TryCreate(realm, UriKind.Absolute, out var address) || address.Scheme != Uri.UriSchemeHttps)
            return null;
        string query = string.Join('&', fields.Where(f => f.Key is "service" or "scope").Select(f => $"{f.Key}={Uri.EscapeDataString(f.Value)}"));
        return new UriBuilder(address) { Query = query }.Uri;
    }

    private static (string Registry, string Repository, string Reference) Parse(Uri source)
    {
        var match = Reference().Match(source.AbsolutePath);
        return match.Success
            ? (source.Authority, match.Groups["repository"].Value, match.Groups["digest"].Success ? match.Groups["digest"].Value : match.Groups["tag"].Success ? match.Groups["tag"].Value : "latest")
            : throw new PlatformException(PlatformException.BadSource, $"{source} is not an OCI reference: write oci://registry/repository:tag or oci://registry/repository@sha256:digest.");
    }

    private static async Task<T> ReadAsync<T>(HttpResponseMessage response, System.Text.Json.Serialization.Metadata.JsonTypeInfo<T> type, Uri source, CancellationToken cancel)
    {
        byte[] text = await BoundedReader.ReadAsync(response.Content, MaxDocument, "registry's answer", cancel);
        try
        {
            return JsonSerializer.Deserialize(text, type) ?? throw new JsonException("It is empty.");
        }
        catch (JsonException e)
        {
            throw new PlatformException(PlatformException.BadSource, $"The registry of {source} answered something that is not an OCI document: {e.Message}", inner: e);
        }
    }

    [GeneratedRegex(@"^/(?<repository>[a-z0-9]+(?:[._/-]+[a-z0-9]+)*)(?::(?<tag>[A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(?<digest>sha256:[0-9a-f]{64}))?$")]
    private static partial Regex Reference();

    [GeneratedRegex("^sha256:[0-9a-f]{64}$")]
    private static partial Regex LayerDigest();

    [GeneratedRegex("""([a-zA-Z]+)="([^"]*)" """, RegexOptions.IgnorePatternWhitespace)]
    private static partial Regex ChallengeField();
}

internal sealed record OciManifest(IReadOnlyList<OciLayer> Layers);

internal sealed record OciLayer(string Digest, IReadOnlyDictionary<string, string>? Annotations);

internal sealed record OciToken(string? Token, [property: JsonPropertyName("access_token")] string? AccessToken);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true)]
[JsonSerializable(typeof(OciManifest))]
[JsonSerializable(typeof(OciToken))]
internal sealed partial class OciJson : JsonSerializerContext;
