using Orchestrator.Contracts;
using Orchestrator.Gateway.Hosting;

namespace Orchestrator.Gateway.Answers;

/// <summary>Where answers to demands go on to: the control plane's API, by its address or by the sidecar.</summary>
/// <param name="Root">Base address; the demand's id and <c>answer</c> follow.</param>
/// <param name="DaprToken">The sidecar's token; null for none.</param>
internal sealed record AnswerUpstream(string Root, string? DaprToken)
{
    private const string ControlPlane = "control-plane";

    /// <summary>What the options and the settings of Dapr say.</summary>
    public static AnswerUpstream Of(GatewayOptions options, IConfiguration configuration)
    {
        if (options.AnswerUrl is { } url)
            return new(url.AbsoluteUri.TrimEnd('/'), null);
        string sidecar = configuration["DAPR_HTTP_ENDPOINT"] is { Length: > 0 } endpoint ? endpoint.TrimEnd('/') : $"http://127.0.0.1:{configuration["DAPR_HTTP_PORT"] ?? "3500"}";
        return new($"{sidecar}/v1.0/invoke/{ControlPlane}/method/api/demands", configuration["DAPR_API_TOKEN"] is { Length: > 0 } token ? token : null);
    }

    /// <summary>The request that hands an answer on. The signed header tells the control plane whose it is; the gateway vouches for nothing.</summary>
    public HttpRequestMessage Request(DemandId demand, string? signed, Stream body)
    {
        var request = new HttpRequestMessage(HttpMethod.Post, $"{Root}/{demand}/answer") { Content = new StreamContent(body) };
        if (signed is { Length: > 0 })
            request.Headers.TryAddWithoutValidation(EvidenceDemand.AnswerHeader, signed);
        if (DaprToken is not null)
            request.Headers.TryAddWithoutValidation("dapr-api-token", DaprToken);
        return request;
    }
}
