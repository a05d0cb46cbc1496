namespace Orchestrator.Sidecar;

/// <summary>One app-id and the pair of loopback ports at which it finds its sidecar.</summary>
/// <remarks>Settable because source-generated JSON would otherwise overwrite the defaults; treat as immutable once handed over.</remarks>
public sealed record AppOptions
{
    /// <summary>Letters, digits, '-', '.' and '_', at most 128 characters.</summary>
    public required string AppId { get; set; }

    /// <summary>Where the app listens (http, no path), or null when it only calls and is never called.</summary>
    public Uri? AppHttpEndpoint { get; set; }

    /// <summary>Port of the Dapr HTTP API; 0 takes any.</summary>
    public int HttpPort { get; set; }

    /// <summary>Port of the Dapr gRPC API; 0 takes any.</summary>
    public int GrpcPort { get; set; }

    /// <summary>Token the app must send (<c>dapr-api-token</c>); null: none.</summary>
    public string? ApiToken { get; set; }

    /// <summary>Token the sidecar sends to the app (<c>dapr-api-token</c>); null: none.</summary>
    public string? AppApiToken { get; set; }

    /// <summary>Deliveries handled at once per subscription. Default 10, as Dapr's Redis component.</summary>
    public int Concurrency { get; set; } = 10;

    /// <summary>Names what is wrong and how to fix it, or null.</summary>
    internal string? Problem()
    {
        if (AppId.Length is 0 or > 128 || AppId.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '.' or '_')))
        {
            return $"app-id '{AppId}' must be 1-128 letters, digits, '-', '.' or '_'";
        }
        if (AppHttpEndpoint is { } e && (!e.IsAbsoluteUri || e.Scheme != Uri.UriSchemeHttp))
        {
            return $"AppHttpEndpoint of '{AppId}' must be an absolute http:// address";
        }
        if (HttpPort is < 0 or > 65535 || GrpcPort is < 0 or > 65535)
        {
            return $"ports of '{AppId}' must be between 0 (any) and 65535";
        }
        return Concurrency is < 1 or > 10_000 ? $"Concurrency of '{AppId}' must be between 1 and 10000" : null;
    }
}
