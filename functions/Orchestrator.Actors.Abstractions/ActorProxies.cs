using Dapr.Actors;
using Dapr.Actors.Client;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.DependencyInjection.Extensions;
using Orchestrator.Contracts;
using Orchestrator.Core.Ledger;

namespace Orchestrator.Actors;

/// <summary>Typed proxies; the factory decides which sidecar they go through.</summary>
public static class ActorProxies
{
    /// <summary>
    /// Registers an <see cref="IActorProxyFactory"/> that speaks <see cref="ActorJson"/> to the sidecar named by <c>DAPR_HTTP_ENDPOINT</c> or
    /// <c>DAPR_HTTP_PORT</c> and <c>DAPR_API_TOKEN</c> of the configuration (which need not come from the process environment).
    /// </summary>
    public static IServiceCollection AddOrchestratorActorProxies(this IServiceCollection services)
    {
        services.TryAddSingleton<IActorProxyFactory>(s => new ActorProxyFactory(Options(s.GetService<IConfiguration>())));
        return services;
    }

    /// <summary>The account with this id.</summary>
    public static IAccountActor Account(this IActorProxyFactory actors, string id) => actors.Create<IAccountActor>(ActorNames.Account, id);

    /// <summary>The node with this id.</summary>
    public static INodeActor Node(this IActorProxyFactory actors, NodeId id) => actors.Create<INodeActor>(ActorNames.Node, id.Value);

    /// <summary>The stake of a node.</summary>
    public static IStakeActor Stake(this IActorProxyFactory actors, NodeId node) => actors.Create<IStakeActor>(ActorNames.Stake, node.Value);

    /// <summary>The model with this name.</summary>
    public static IModelActor Model(this IActorProxyFactory actors, string name) => actors.Create<IModelActor>(ActorNames.Model, name);

    /// <summary>The single catalog.</summary>
    public static ICatalogActor Catalog(this IActorProxyFactory actors) => actors.Create<ICatalogActor>(ActorNames.Catalog, ActorNames.CatalogId);

    /// <summary>A part of the list of all books, 0 to <see cref="LedgerIndex.Parts"/> - 1.</summary>
    public static ILedgerIndexActor LedgerIndex(this IActorProxyFactory actors, int part) =>
        actors.Create<ILedgerIndexActor>(ActorNames.LedgerIndex, part.ToString(System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Where the configuration says the sidecar is; null to leave it to the SDK.</summary>
    public static string? Endpoint(IConfiguration? configuration) =>
        configuration?["DAPR_HTTP_ENDPOINT"] is { Length: > 0 } endpoint ? endpoint
        : configuration?["DAPR_HTTP_PORT"] is { Length: > 0 } port ? $"http://127.0.0.1:{port}"
        : null;

    private static ActorProxyOptions Options(IConfiguration? configuration)
    {
        var options = new ActorProxyOptions { UseJsonSerialization = true, JsonSerializerOptions = ActorJson.Options };
        if (Endpoint(configuration) is { } endpoint)
            options.HttpEndpoint = endpoint;
        if (configuration?["DAPR_API_TOKEN"] is { Length: > 0 } token)
            options.DaprApiToken = token;
        return options;
    }

    private static T Create<T>(this IActorProxyFactory actors, string type, string id)
        where T : IActor => actors.CreateActorProxy<T>(new ActorId(id), type);
}
