using System.Collections.Immutable;
using Orchestrator.Contracts;

namespace Orchestrator.Core.Disputes;

/// <summary>What a dispute waits for.</summary>
public enum DisputePhase
{
    /// <summary>The defenders' output leaves, checked against their receipts: shows stage and chunk.</summary>
    Leaves,

    /// <summary>How many steps each party's trace has.</summary>
    Sizes,

    /// <summary>A referee's count of the steps of a pass, because sizes differ.</summary>
    Count,

    /// <summary>States of both traces: narrows to one step.</summary>
    States,

    /// <summary>The opened leaf of that step.</summary>
    Leaf,

    /// <summary>What the step reads, or what the chunk put out, from either party.</summary>
    Evidence,

    /// <summary>A referee's verdict.</summary>
    Referee,

    /// <summary>Nothing: there is a verdict.</summary>
    Over,
}

/// <summary>The sides of a dispute.</summary>
public enum Party
{
    /// <summary>Who claims that a receipt is wrong.</summary>
    Challenger,

    /// <summary>Who signed it.</summary>
    Defender,
}

/// <summary>The chunk that a dispute is about.</summary>
/// <param name="Stage">Its stage.</param>
/// <param name="Defender">The stage's node.</param>
/// <param name="Chunk">Number of the chunk.</param>
/// <param name="Passes">Passes up to its end.</param>
/// <param name="Committed">What the defender committed to.</param>
/// <param name="Claimed">What the challenger got.</param>
public sealed record DisputedChunk(int Stage, NodeId Defender, int Chunk, int Passes, Digest Committed, Digest Claimed);

/// <summary>What one party has said.</summary>
/// <param name="StepsPerPass">Steps of one pass; null before it said so.</param>
/// <param name="States">State after each number of steps it was asked for.</param>
/// <param name="Leaf">Leaf of the disputed step; null before.</param>
public sealed record PartyStatements(int? StepsPerPass, ImmutableDictionary<long, Digest> States, Digest? Leaf)
{
    /// <summary>Nothing yet.</summary>
    public static PartyStatements None { get; } = new(null, ImmutableDictionary<long, Digest>.Empty, null);
}

/// <summary>Evidence that one party supplied.</summary>
/// <param name="Party">Who.</param>
/// <param name="Blob">Where it is.</param>
public sealed record SuppliedEvidence(Party Party, Digest Blob);

/// <summary>What a move did.</summary>
public enum MoveStatus
{
    /// <summary>It counts.</summary>
    Taken,

    /// <summary>It was made before.</summary>
    Duplicate,

    /// <summary>It is not what the dispute waits for (any more); nothing changed.</summary>
    NotAsked,

    /// <summary>It cannot be an answer to what was asked; nothing changed, the party may answer again in time.</summary>
    Refused,

    /// <summary>It contradicts what the same party signed before: the dispute is over.</summary>
    Contradiction,
}
