namespace Orchestrator.Contracts;

/// <summary>Values of <see cref="SignedMessage.Type"/>: record name and schema version.</summary>
public static class MessageTypes
{
    /// <summary><see cref="Contracts.NodeRecord"/>.</summary>
    public const string NodeRecord = "node-record/1";

    /// <summary><see cref="Contracts.NodeHeartbeat"/>.</summary>
    public const string NodeHeartbeat = "node-heartbeat/1";

    /// <summary><see cref="Contracts.Placement"/>.</summary>
    public const string Placement = "placement/1";

    /// <summary><see cref="Contracts.Assignment"/>.</summary>
    public const string Assignment = "assignment/1";

    /// <summary><see cref="Contracts.Cancellation"/>.</summary>
    public const string Cancellation = "cancellation/1";

    /// <summary><see cref="Contracts.Receipt"/>.</summary>
    public const string Receipt = "receipt/1";

    /// <summary><see cref="Contracts.ChainResult"/>.</summary>
    public const string ChainResult = "chain-result/1";
}
