using Orchestrator.Contracts;

namespace Orchestrator.Drill.Platform;

/// <summary>How a cheat came out.</summary>
public enum Proof
{
    /// <summary>Receipts or result contradict the order, each other or the tokens: the chain is refused.</summary>
    Receipts,

    /// <summary>Chains on disjoint hosts differ.</summary>
    Redundancy,

    /// <summary>An audit replayed the passes and got other bits or draws.</summary>
    Audit,

    /// <summary>Somebody staked re-executed inside the challenge window.</summary>
    Challenge,

    /// <summary>A node signed two statements that cannot both be true.</summary>
    TwoSignatures,

    /// <summary>Evidence was not served.</summary>
    Withholding,

    /// <summary>An auditor confirmed an error that the platform had planted.</summary>
    Planted,

    /// <summary>An accusation lost its dispute.</summary>
    LostDispute,
}

/// <summary>Something that was noticed in a round.</summary>
/// <param name="Proof">How.</param>
/// <param name="Blamed">Who may be to blame; slashed only where something is proven.</param>
/// <param name="Note">For people.</param>
public sealed record Finding(Proof Proof, IReadOnlyList<NodeId> Blamed, string Note);
