namespace Orchestrator.Actors;

/// <summary>Actor types as registered, and well-known actor ids.</summary>
public static class ActorNames
{
    /// <summary>Type of <see cref="IAccountActor"/>.</summary>
    public const string Account = "AccountActor";

    /// <summary>Type of <see cref="INodeActor"/>.</summary>
    public const string Node = "NodeActor";

    /// <summary>Type of <see cref="IStakeActor"/>.</summary>
    public const string Stake = "StakeActor";

    /// <summary>Type of <see cref="IModelActor"/>.</summary>
    public const string Model = "ModelActor";

    /// <summary>Type of <see cref="ICatalogActor"/>.</summary>
    public const string Catalog = "CatalogActor";

    /// <summary>Type of <see cref="ILedgerIndexActor"/>.</summary>
    public const string LedgerIndex = "LedgerIndexActor";

    /// <summary>Id of the single catalog actor.</summary>
    public const string CatalogId = "catalog";

    /// <summary>Id of the account that collects the protocol fee.</summary>
    public const string ProtocolAccount = "protocol";

    /// <summary>Id of the account that harmed developers are refunded from.</summary>
    public const string RefundAccount = "refunds";

    /// <summary>Whether an account is the platform's own, which no host and no API key may claim.</summary>
    public static bool IsReserved(string account) => account is ProtocolAccount or RefundAccount;
}
