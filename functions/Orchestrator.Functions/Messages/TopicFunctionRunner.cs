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
        return AnswerAsync(request, routes.WriteSubscriptionsAsync);
    }

    /// <summary>Says that there are no actors here.</summary>
    public Task ConfigAsync(HttpRequest request) => AnswerAsync(request, static response =>
    {
        response.ContentType = "application/json";
        return response.WriteAsync("""{"entities":[]}""");
    });

    private Task AnswerAsync(HttpRequest request, Func<HttpResponse, Task> answer)
    {
        if (endpoint.FromSidecar(request))
            return answer(request.HttpContext.Response);
        request.HttpContext.Response.StatusCode = StatusCodes.Status401Unauthorized;
        return Task.CompletedTask;
    }
}
