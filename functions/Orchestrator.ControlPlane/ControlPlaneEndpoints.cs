using Dapr;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Messages;

namespace Orchestrator.ControlPlane;

/// <summary>Hosts the control plane on Kestrel.</summary>
public static class ControlPlaneEndpoints
{
    /// <summary>Maps the HTTP API, the topics and the list of subscriptions that the sidecar asks for. Actors are mapped by their own project.</summary>
    public static void MapControlPlane(this IEndpointRouteBuilder endpoints)
    {
        var pipeline = endpoints.ServiceProvider.GetRequiredService<ApiPipeline>();
        foreach (var route in endpoints.ServiceProvider.GetRequiredService<ApiRoutes>().All)
            endpoints.MapMethods(route.Pattern, [route.Method], http => pipeline.RunAsync(http, route)).WithName(route.Name);
        foreach (string prefix in new[] { "v1", "api" })
        {
            var unknown = ApiRoutes.Unknown(prefix);
            endpoints.Map(unknown.Pattern, http => pipeline.RunAsync(http, unknown)).WithOrder(int.MaxValue);
        }

        var topics = endpoints.ServiceProvider.GetRequiredService<TopicEndpoint>();
        foreach (var route in endpoints.ServiceProvider.GetRequiredService<TopicRoutes>().All)
            endpoints.MapPost(route.Pattern, http => topics.ReceiveAsync(http, route)).WithTopic(Subscription(route));
        endpoints.MapSubscribeHandler();
    }

    private static TopicOptions Subscription(TopicRoute route) =>
        new() { PubsubName = Topics.PubSub, Name = route.Topic, DeadLetterTopic = route.DeadLetter };
}
