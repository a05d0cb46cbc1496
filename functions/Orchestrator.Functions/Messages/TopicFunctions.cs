using Microsoft.AspNetCore.Http;
using Microsoft.Azure.Functions.Worker;
using Microsoft.DurableTask.Client;
using Orchestrator.Contracts;

namespace Orchestrator.Functions.Messages;

/// <summary>What the sidecar calls: deliveries, and the list of what to deliver. Only it knows <c>APP_API_TOKEN</c>.</summary>
public sealed class TopicFunctions(TopicFunctionRunner topics)
{
    /// <summary>Receives <see cref="Topics.Nodes"/>.</summary>
    [Function("receiveNodes")]
    public Task NodesAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "messages/nodes")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        topics.RunAsync(Topics.Nodes, request, client);

    /// <summary>Receives <see cref="Topics.Results"/>.</summary>
    [Function("receiveResults")]
    public Task ResultsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "messages/results")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        topics.RunAsync(Topics.Results, request, client);

    /// <summary>Receives <see cref="Topics.Audits"/>.</summary>
    [Function("receiveAudits")]
    public Task AuditsAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "post", Route = "messages/audits")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        topics.RunAsync(Topics.Audits, request, client);

    /// <summary>Lists the subscriptions.</summary>
    [Function("subscribe")]
    public Task SubscribeAsync(
        [HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "dapr/subscribe")] HttpRequest request, [DurableClient] DurableTaskClient client) =>
        topics.SubscribeAsync(request, client);

    /// <summary>Says that this app hosts no actors; theirs is another.</summary>
    [Function("daprConfig")]
    public Task ConfigAsync([HttpTrigger(AuthorizationLevel.Anonymous, "get", Route = "dapr/config")] HttpRequest request) =>
        topics.ConfigAsync(request);
}
