using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;
using Orchestrator.ControlPlane.Messages;
using Orchestrator.Functions.Durable;

namespace Orchestrator.Functions.Messages;

/// <summary>What every topic function does.</summary>
public sealed class TopicFunctionRunner
{
    private readonly TopicEndpoint endpoint;
    private readonly TopicRoutes routes;
    private readonly DurableClientSource clients;

    internal TopicFunctionRunner(TopicEndpoint endpoint, TopicRoutes routes, DurableClientSource clients) =>
        (this.endpoint, this.routes, this.clients) = (endpoint, routes, clients);

    /// <summary>Takes a delivery.</summary>
    public Task RunAsync(string topic, HttpRequest request, DurableTaskClient client)
    {
        clients.Offer(client);
        return endpoint.ReceiveAsync(request.HttpContext, routes.Of(topic));
    }

    /// <summary>Lists the subscriptions.</summary>
    public Task SubscribeAsync(HttpRequest request, DurableTaskClient client)
    {
        clients.Offer(client);
        return routes.WriteSubscriptionsAsync(request.HttpContext.Response);
    }

    /// <summary>Says that there are no actors here.</summary>
    public static Task ConfigAsync(HttpRequest request)
    {
        request.HttpContext.Response.ContentType = "application/json";
        return request.HttpContext.Response.WriteAsync("""{"entities":[]}""");
    }
}
