using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Orchestrator.Functions.Http;

/// <summary>Challenges.</summary>
public sealed class DisputesFunctions(HttpFunctions http)
{
    /// <summary>Challenges a provisional answer's receipt with a bond.</summary>
    [Function("challenge")]
    public Task ChallengeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/disputes")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("challenge", request, client);

    /// <summary>Disputes, newest first.</summary>
    [Function("listDisputes")]
    public Task ListDisputesAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/disputes")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("listDisputes", request, client);

    /// <summary>One dispute.</summary>
    [Function("getDispute")]
    public Task GetDisputeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/disputes/{id}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getDispute", request, client);
}
