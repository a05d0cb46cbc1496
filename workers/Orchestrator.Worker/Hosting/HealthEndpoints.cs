namespace Orchestrator.Worker.Hosting;

/// <summary>What a kubelet asks on <see cref="WorkerOptions.HealthPort"/>. <c>/healthz</c>: the process lives. <c>/readyz</c>: it takes work.</summary>
internal static class HealthEndpoints
{
    /// <param name="routes">Of the health port.</param>
    /// <param name="problem">Why the node takes no work now; null when it does.</param>
    public static void Map(IEndpointRouteBuilder routes, Func<string?> problem)
    {
        routes.MapGet("/healthz", http => AnswerAsync(http, null));
        routes.MapGet("/readyz", http => AnswerAsync(http, problem()));
    }

    private static Task AnswerAsync(HttpContext http, string? problem)
    {
        http.Response.StatusCode = problem is null ? StatusCodes.Status200OK : StatusCodes.Status503ServiceUnavailable;
        http.Response.ContentType = "text/plain";
        return http.Response.WriteAsync(problem ?? "ok", http.RequestAborted);
    }
}
