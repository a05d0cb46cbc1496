using Orchestrator.Core.Assurance;

namespace Orchestrator.Core.Nodes;

/// <summary>
/// Which nodes can be held to what they promise to serve: those that have shown lately that they reach the door for answers to public demands. A node that has not is not slashed
/// for withholding, as the fault may be the platform's; so that this is no way out, it gets no work above <c>none</c>, and what it left unanswered keeps it from such work for as
/// long as it had promised to keep the file.
/// </summary>
/// <param name="ProvenFor">How long a proof counts; 0 when nothing can be asked of nodes, and then nothing is.</param>
public sealed record DoorRule(TimeSpan ProvenFor)
{
    /// <summary>Asks nothing: for work that nobody checks, and for a platform without a public address, which cannot demand anything.</summary>
    public static DoorRule Off { get; } = new(TimeSpan.Zero);

    /// <summary>The rule for a job: nothing is demanded of <c>none</c>.</summary>
    public DoorRule For(AssuranceLevel level) => level.Kind == AssuranceKind.None ? Off : this;

    /// <summary>Whether the node has shown lately that it can answer.</summary>
    public bool IsProven(NodeState node, DateTimeOffset now) => ProvenFor == TimeSpan.Zero || Age(node, now) <= ProvenFor;

    /// <summary>Whether the node gets work that is checked.</summary>
    public bool Admits(NodeState node, DateTimeOffset now) => ProvenFor == TimeSpan.Zero || (IsProven(node, now) && !Owes(node, now));

    /// <summary>Whether it is time to ask the node again: twice before its proof is too old.</summary>
    public bool IsDue(NodeState node, DateTimeOffset now) => ProvenFor > TimeSpan.Zero && !(Age(node, now) < ProvenFor / 3);

    /// <summary>Whether a demand that the node left unanswered still counts against it.</summary>
    public static bool Owes(NodeState node, DateTimeOffset now) => node.OwesUntil > now;

    private static TimeSpan? Age(NodeState node, DateTimeOffset now) => now - node.DoorProvenAt;
}
