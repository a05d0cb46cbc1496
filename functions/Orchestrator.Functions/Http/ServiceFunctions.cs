using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Orchestrator.Functions.Http;

/// <summary>Health, description, and what no route matches.</summary>
public sealed class ServiceFunctions(HttpFunctions http)
{
    /// <summary>Points to the rest.</summary>
    [Function("index")]
    public Task IndexAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = HttpFunctions.RootRoute)] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("index", request, client);

    /// <summary>This document.</summary>
    [Function("getOpenApi")]
    public Task GetOpenApiAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "openapi/v1.json")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getOpenApi", request, client);

    /// <summary>The process answers.</summary>
    [Function("live")]
    public Task LiveAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "healthz")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("live", request, client);

    /// <summary>It can serve.</summary>
    [Function("ready")]
    public Task ReadyAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "readyz")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("ready", request, client);

    /// <summary>Answers what no route below <c>/v1</c> matches.</summary>
    [Function("unknownV1")]
    public Task UnknownV1Async(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "put", "delete", "patch", "head", "options", Route = "v1/{*rest}")] HttpRequest request,
        [DurableClient] DurableTaskClient client) =>
        http.RunUnknownAsync("v1", request, client);

    /// <summary>Answers what no route below <c>/api</c> matches.</summary>
    [Function("unknownApi")]
    public Task UnknownApiAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", "post", "put", "delete", "patch", "head", "options", Route = "api/{*rest}")] HttpRequest request,
        [DurableClient] DurableTaskClient client) =>
        http.RunUnknownAsync("api", request, client);
}
