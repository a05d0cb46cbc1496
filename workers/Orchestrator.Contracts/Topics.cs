namespace Orchestrator.Contracts;

/// <summary>Pub/sub names. Every message is a <see cref="SignedMessage"/>.</summary>
public static class Topics
{
    /// <summary>Name of the Dapr pub/sub component.</summary>
    public const string PubSub = "pubsub";

    /// <summary>Nodes to platform: <see cref="NodeRecord"/> and <see cref="NodeHeartbeat"/>.</summary>
    public const string Nodes = "nodes";

    /// <summary>Edges to platform: <see cref="ChainResult"/>.</summary>
    public const string Results = "results";

    /// <summary>Auditors and referees to platform: <see cref="AuditReport"/> and <see cref="RefereeVerdict"/>.</summary>
    public const string Audits = "audits";

    /// <summary>Platform to one node: <see cref="Placement"/>, <see cref="Assignment"/>, <see cref="Cancellation"/>, <see cref="AuditTask"/> and <see cref="RefereeTask"/>.</summary>
    public static string Work(NodeId node) => $"work.{node}";

    /// <summary>Where messages of a topic go that no delivery attempt could place; kept for an operator, read by nobody.</summary>
    public static string DeadLetter(string topic) => topic + ".dead";
}
