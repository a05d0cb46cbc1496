using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;

namespace Orchestrator.Functions.Http;

/// <summary>Public demands of evidence.</summary>
public sealed class DemandsFunctions(HttpFunctions http)
{
    /// <summary>Demands, newest first.</summary>
    [Function("listDemands")]
    public Task ListDemandsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/demands")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("listDemands", request, client);

    /// <summary>One demand.</summary>
    [Function("getDemand")]
    public Task GetDemandAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "api/demands/{id}")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("getDemand", request, client);

    /// <summary>Takes the demanded file.</summary>
    [Function("answerDemand")]
    public Task AnswerDemandAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "api/demands/{id}/answer")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        http.RunAsync("answerDemand", request, client);
}
