using Dapr.Actors;
using Dapr.Actors.Client;
using Orchestrator.Contracts;

namespace Orchestrator.Actors;

/// <summary>Typed proxies; the factory decides which sidecar they go through.</summary>
public static class ActorProxies
{
    /// <summary>The account with this id.</summary>
    public static IAccountActor Account(this IActorProxyFactory actors, string id) => actors.Create<IAccountActor>(ActorNames.Account, id);

    /// <summary>The node with this id.</summary>
    public static INodeActor Node(this IActorProxyFactory actors, NodeId id) => actors.Create<INodeActor>(ActorNames.Node, id.Value);

    /// <summary>The model with this name.</summary>
    public static IModelActor Model(this IActorProxyFactory actors, string name) => actors.Create<IModelActor>(ActorNames.Model, name);

    /// <summary>The single catalog.</summary>
    public static ICatalogActor Catalog(this IActorProxyFactory actors) => actors.Create<ICatalogActor>(ActorNames.Catalog, ActorNames.CatalogId);

    private static T Create<T>(this IActorProxyFactory actors, string type, string id)
        where T : IActor => actors.CreateActorProxy<T>(new ActorId(id), type);
}
