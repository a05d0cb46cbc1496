namespace Orchestrator.Actors.Host;

/// <summary>Alive, and able to serve. Actors serve only through a sidecar, so being ready means that it is.</summary>
internal static class HealthRoutes
{
    public const string Live = "/healthz";
    public const string Ready = "/readyz";

    private const string DefaultSidecar = "http://127.0.0.1:3500";
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    // The actor SDK maps the other one.
    public static void MapReadiness(this IEndpointRouteBuilder routes) => routes.MapGet(Ready, ReadyAsync);

    private static async Task<IResult> ReadyAsync(
        IHttpClientFactory clients, IConfiguration configuration, IHostApplicationLifetime lifetime, TimeProvider time, CancellationToken aborted)
    {
        if (lifetime.ApplicationStopping.IsCancellationRequested)
            return Unavailable("stopping");
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(limit.Token, aborted);
        var address = new Uri(new Uri(ActorProxies.Endpoint(configuration) ?? DefaultSidecar), "/v1.0/healthz/outbound");
        try
        {
            using var client = clients.CreateClient();
            using var answer = await client.GetAsync(address, HttpCompletionOption.ResponseHeadersRead, both.Token);
            return answer.IsSuccessStatusCode
                ? Results.Json(new HealthView("ok"))
                : Unavailable($"the sidecar is not ready: it answers {(int)answer.StatusCode}");
        }
        catch (Exception e) when (e is HttpRequestException or OperationCanceledException && !aborted.IsCancellationRequested)
        {
            return Unavailable($"no sidecar answers at {address.GetLeftPart(UriPartial.Authority)}: is dapr.io/enabled set and the injector running?");
        }
    }

    private static IResult Unavailable(string status) => Results.Json(new HealthView(status), statusCode: StatusCodes.Status503ServiceUnavailable);
}

/// <summary>Answer of the health routes.</summary>
/// <param name="Status"><c>ok</c> or what is missing.</param>
internal sealed record HealthView(string Status);
