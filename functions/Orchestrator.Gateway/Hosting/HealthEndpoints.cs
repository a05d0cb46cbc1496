using Orchestrator.Gateway.Nodes;
using Orchestrator.Gateway.Platform;
using Orchestrator.Relay.Server;

namespace Orchestrator.Gateway.Hosting;

/// <summary><c>/healthz</c>: the process lives, and nothing in it has ended that only a restart brings back. <c>/readyz</c>: it takes nodes, its relay accepts, and its sidecar reaches the broker.</summary>
internal static class HealthEndpoints
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(2);

    public static void Map(IEndpointRouteBuilder routes, NodeTable nodes, IPlatform platform, Func<RelayServer?> relay, TimeProvider time)
    {
        routes.MapGet("/healthz", http => AnswerAsync(http, RelayProblem(relay())));
        routes.MapGet("/readyz", async http => await AnswerAsync(http, await ProblemAsync(nodes, platform, relay(), time, http.RequestAborted)));
    }

    private static string? RelayProblem(RelayServer? relay) => relay is { Accepts: false } ? "the relay accepts no connections any more" : null;

    private static async Task<string?> ProblemAsync(NodeTable nodes, IPlatform platform, RelayServer? relay, TimeProvider time, CancellationToken cancel)
    {
        if (nodes.Draining)
            return "stopping";
        if (RelayProblem(relay) is { } problem)
            return problem;
        using var limit = new CancellationTokenSource(Patience, time);
        using var both = CancellationTokenSource.CreateLinkedTokenSource(cancel, limit.Token);
        try
        {
            return await platform.IsReadyAsync(both.Token) ? null : "the Dapr sidecar is not ready: is it injected, and does it reach its components?";
        }
        catch (OperationCanceledException)
        {
            return "the Dapr sidecar does not answer";
        }
    }

    private static Task AnswerAsync(HttpContext http, string? problem)
    {
        http.Response.StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/plain";
        return http.Response.WriteAsync(problem ?? "ok", http.RequestAborted);
    }
}
