namespace Orchestrator.Core.Nodes;

/// <summary>
/// Which nodes get work: those that the platform has reached lately at the stream endpoint they name. Heartbeats show only that a node reaches the platform; one behind a wrong
/// address or a closed port would take work that nobody can fetch from it, and a few of them could hold a whole model.
/// </summary>
/// <param name="ProvenFor">How long a success counts; 0 asks nothing of nodes.</param>
public sealed record ReachRule(TimeSpan ProvenFor)
{
    /// <summary>Failures in a row after which a node that was reached before no longer counts as reached: one may be a lost packet.</summary>
    public const int MostMissed = 2;

    private const int MostDoublings = 6;
    private static readonly TimeSpan FirstWait = TimeSpan.FromSeconds(1);

    /// <summary>Asks nothing.</summary>
    public static ReachRule Off { get; } = new(TimeSpan.Zero);

    /// <summary>Whether the node gets work.</summary>
    public bool Admits(NodeState node, DateTimeOffset now) =>
        ProvenFor == TimeSpan.Zero || (node.Reach is { Missed: < MostMissed } reach && now - reach.ReachedAt <= ProvenFor);

    /// <summary>Whether it is time to dial: at once for the first time, twice before a success is too old, and after failures ever more rarely, at most about once a minute.</summary>
    public bool IsDue(NodeState node, DateTimeOffset now)
    {
        if (ProvenFor == TimeSpan.Zero)
            return false;
        return node.Reach is not { } reach || now - reach.At >= (reach.Missed == 0 ? ProvenFor / 3 : FirstWait * (1 << Math.Min(reach.Missed, MostDoublings)));
    }
}
