namespace Orchestrator.Controller.Platform;

/// <summary>A manifest at an https address, its shards beside it.</summary>
public sealed class HttpsSource(HttpClient http) : ISourceReader
{
    /// <inheritdoc />
    public async Task<SourceFile> OpenAsync(Uri source, string? file, CancellationToken cancel)
    {
        var address = file is null ? source : new Uri(source, file);
        var response = await SourceRequest.SendAsync(http, new HttpRequestMessage(HttpMethod.Get, address), cancel);
        return response.IsSuccessStatusCode
            ? new SourceFile(response)
            : throw SourceRequest.Failure(response, $"put the model there, or correct spec.source.url of a new InferenceModel");
    }
}
