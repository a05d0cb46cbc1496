using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Gateway.Nodes;

/// <summary>What a node may say, and where.</summary>
internal static class PublishRules
{
    private static readonly Dictionary<string, string[]> Types = new()
    {
        [Topics.Nodes] = [MessageTypes.NodeRecord, MessageTypes.NodeHeartbeat],
        [Topics.Results] = [MessageTypes.ChainResult],
        [Topics.Audits] = [MessageTypes.AuditReport, MessageTypes.RefereeVerdict, MessageTypes.WitnessReport],
    };

    /// <summary>Whether a topic is one that nodes publish on.</summary>
    public static bool IsOpen(string topic) => Types.ContainsKey(topic);

    /// <summary>Why the message must not pass; null when it may. What it says is for the platform to check.</summary>
    public static string? Refuse(string topic, SignedMessage message, NodeId node)
    {
        if (MessageSigning.Check(message) is { } problem)
            return problem;
        if (MessageSigning.Signer(message) != node)
            return $"another key than that of node {node} signed it: a node speaks for itself only";
        return Types[topic].Contains(message.Type) ? null : $"a {message.Type} does not belong on topic {topic}";
    }
}
