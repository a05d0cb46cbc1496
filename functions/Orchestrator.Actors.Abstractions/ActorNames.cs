namespace Orchestrator.Actors;

/// <summary>Actor types as registered, and well-known actor ids.</summary>
public static class ActorNames
{
    /// <summary>Type of <see cref="IAccountActor"/>.</summary>
    public const string Account = "AccountActor";

    /// <summary>Type of <see cref="INodeActor"/>.</summary>
    public const string Node = "NodeActor";

    /// <summary>Type of <see cref="IModelActor"/>.</summary>
    public const string Model = "ModelActor";

    /// <summary>Type of <see cref="ICatalogActor"/>.</summary>
    public const string Catalog = "CatalogActor";

    /// <summary>Id of the single catalog actor.</summary>
    public const string CatalogId = "catalog";

    /// <summary>Id of the account that collects the protocol fee.</summary>
    public const string ProtocolAccount = "protocol";
}
