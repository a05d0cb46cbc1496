using Orchestrator.Contracts;

namespace Orchestrator.Worker.Dispatch;

/// <summary>What must hold of an assignment before anything is done for it, whatever the node's state.</summary>
public static class AssignmentCheck
{
    /// <summary>Longest life of a session.</summary>
    public static readonly TimeSpan LongestLife = TimeSpan.FromDays(1);

    /// <summary>Longest time a node is asked to keep evidence.</summary>
    public static readonly TimeSpan LongestWindow = TimeSpan.FromDays(30);

    private const int MaxStopSequences = 4;
    private const int MaxStopLength = 1024;

    /// <summary>Why the assignment is ignored; null when it is well formed and meant for this node.</summary>
    public static string? Problem(Assignment a, NodeId self, DateTimeOffset now)
    {
        if (a.SchemaVersion != Assignment.SchemaFor(a.Hops))
            return $"schema {a.SchemaVersion} is not {Assignment.SchemaFor(a.Hops)}";
        if (a.Node != self)
            return "it is for another node";
        if (a.ExpiresAt <= now || a.ExpiresAt > now + LongestLife)
            return "it has expired, or lives longer than a day";
        if (a.EvidenceUntil > now + LongestWindow)
            return $"its evidence would be kept for more than {LongestWindow.TotalDays} days";
        if (a.Hops.Count is 0 or > 256 || (uint)a.Stage >= (uint)a.Hops.Count || a.Hops[a.Stage].Node != self)
            return "its hops do not name this node at its stage";
        if (a.Chain < 0 || a.Attempt < 0 || a.Session != SessionId.Derive(a.Job, a.Chain, a.Attempt))
            return "its session does not follow from its job";
        if (a.Choices is < 1 or > Assignment.MaxChoices || a.MaxTokens < 1)
            return $"choices must lie in 1..{Assignment.MaxChoices} and tokens be positive";
        if (a.Edge is not null != (a.Stage == 0))
            return "stage 0, and no other, is the edge";
        return a.Edge is { } edge ? Problem(edge) : null;
    }

    private static string? Problem(EdgeTask edge)
    {
        if (edge.MaxCompletionTokens < 1)
            return "the completion must have room for a token";
        if (edge.Stop.Count > MaxStopSequences || edge.Stop.Any(s => s is not { Length: > 0 and <= MaxStopLength }))
            return $"at most {MaxStopSequences} stop sequences of 1 to {MaxStopLength} characters";
        return edge.StreamTokenDigest.Value.Length == 0 ? "the stream token's digest is missing" : null;
    }
}
