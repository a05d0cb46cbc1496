namespace Orchestrator.Gateway.Platform;

/// <summary>A part of the control plane's API that needs no key, by its address or by the sidecar.</summary>
/// <param name="Root">Base address; the rest of a path follows.</param>
/// <param name="DaprToken">The sidecar's token; null for none.</param>
internal sealed record ControlPlaneUpstream(string Root, string? DaprToken)
{
    private const string ControlPlane = "control-plane";

    /// <summary>What the options and the settings of Dapr say.</summary>
    /// <param name="url">Base address; null asks the sidecar to invoke the control plane.</param>
    /// <param name="path">Where the part is in the API, e.g. <c>api/demands</c>.</param>
    /// <param name="configuration">The settings of Dapr.</param>
    public static ControlPlaneUpstream Of(Uri? url, string path, IConfiguration configuration)
    {
        if (url is not null)
            return new(url.AbsoluteUri.TrimEnd('/'), null);
        string sidecar = configuration["DAPR_HTTP_ENDPOINT"] is { Length: > 0 } endpoint ? endpoint.TrimEnd('/') : $"http://127.0.0.1:{configuration["DAPR_HTTP_PORT"] ?? "3500"}";
        return new($"{sidecar}/v1.0/invoke/{ControlPlane}/method/{path}", configuration["DAPR_API_TOKEN"] is { Length: > 0 } token ? token : null);
    }

    /// <summary>A request for something below the root.</summary>
    public HttpRequestMessage Request(HttpMethod method, string path)
    {
        var request = new HttpRequestMessage(method, $"{Root}/{path}");
        if (DaprToken is not null)
            request.Headers.TryAddWithoutValidation("dapr-api-token", DaprToken);
        return request;
    }
}
