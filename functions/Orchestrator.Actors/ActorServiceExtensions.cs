using Dapr.Actors.Runtime;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Actors.Accounts;
using Orchestrator.Actors.Ledger;
using Orchestrator.Actors.Models;
using Orchestrator.Actors.Nodes;
using Orchestrator.Actors.Stake;

namespace Orchestrator.Actors;

/// <summary>Hosts the actors in an ASP.NET Core app that has a Dapr sidecar.</summary>
public static class ActorServiceExtensions
{
    /// <summary>Registers the actor types and proxies to them. <see cref="TimeProvider"/> may be registered before; the system's is the default.</summary>
    public static IServiceCollection AddOrchestratorActors(this IServiceCollection services)
    {
        services.TryAddSingleton(TimeProvider.System);
        services.AddOptions<OrchestratorActorOptions>();
        services.AddOrchestratorActorProxies();
        services.AddActors(_ => { });
        services.AddOptions<ActorRuntimeOptions>().Configure<IServiceProvider>((options, provider) =>
        {
            var configuration = provider.GetService<IConfiguration>();
            options.UseJsonSerialization = true;
            options.JsonSerializerOptions = ActorJson.Options;
            if (ActorProxies.Endpoint(configuration) is { } endpoint)
                options.HttpEndpoint = endpoint;
            if (configuration?["DAPR_API_TOKEN"] is { Length: > 0 } token)
                options.DaprApiToken = token;
            // Turns are short and documents small: a quick answer to a rebalance matters more than warm actors.
            options.DrainRebalancedActors = true;
            options.ActorIdleTimeout = TimeSpan.FromMinutes(10);
            options.ActorScanInterval = TimeSpan.FromSeconds(30);
            options.Actors.RegisterActor<AccountActor>(ActorNames.Account);
            options.Actors.RegisterActor<NodeActor>(ActorNames.Node);
            options.Actors.RegisterActor<StakeActor>(ActorNames.Stake);
            options.Actors.RegisterActor<ModelActor>(ActorNames.Model);
            options.Actors.RegisterActor<CatalogActor>(ActorNames.Catalog);
            options.Actors.RegisterActor<LedgerIndexActor>(ActorNames.LedgerIndex);
        });
        return services;
    }

    /// <summary>Maps the routes the sidecar calls.</summary>
    public static IEndpointConventionBuilder MapOrchestratorActors(this IEndpointRouteBuilder endpoints) => endpoints.MapActorsHandlers();
}
