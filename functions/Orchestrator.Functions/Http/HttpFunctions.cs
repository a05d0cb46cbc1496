using Microsoft.AspNetCore.Http;
using Microsoft.DurableTask.Client;
using Orchestrator.ControlPlane;
using Orchestrator.ControlPlane.Http;
using Orchestrator.Functions.Durable;

namespace Orchestrator.Functions.Http;

/// <summary>What every HTTP function does: the route of its name, through the same pipeline as on Kestrel.</summary>
public sealed class HttpFunctions
{
    /// <summary>The empty route. The host takes an empty template for the function's name; this one matches nothing but nothing.</summary>
    public const string RootRoute = "{ignored:maxlength(0)?}";

    private readonly ApiPipeline pipeline;
    private readonly Dictionary<string, ApiRoute> routes;
    private readonly DurableClientSource clients;

    internal HttpFunctions(ApiPipeline pipeline, ApiRoutes routes, DurableClientSource clients)
    {
        this.pipeline = pipeline;
        this.clients = clients;
        this.routes = routes.All.ToDictionary(r => r.Name);
    }

    /// <summary>Answers by the route of this name.</summary>
    public Task RunAsync(string name, HttpRequest request, DurableTaskClient client)
    {
        clients.Offer(client);
        return pipeline.RunAsync(request.HttpContext, routes[name]);
    }

    /// <summary>Answers what no route below a prefix matches.</summary>
    public Task RunUnknownAsync(string prefix, HttpRequest request, DurableTaskClient client)
    {
        clients.Offer(client);
        return pipeline.RunAsync(request.HttpContext, ApiRoutes.Unknown(prefix));
    }
}
