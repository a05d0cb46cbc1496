namespace Orchestrator.Core.Reconciliation;

/// <summary>Who made a chain differ from one that counts. Blame is no proof: it says where to look, whom not to pay, and whom to challenge.</summary>
/// <param name="Kind">How it is known.</param>
/// <param name="Stage">The stage to blame; null when it cannot be told.</param>
/// <param name="OtherEnd">The other end of the link, for <see cref="BlameKind.Receiver"/>; it may be the one that lies.</param>
/// <param name="Choice">Which completion.</param>
/// <param name="Chunk">First chunk that differs; null when only roots were compared.</param>
/// <param name="Reason">For people.</param>
public sealed record Blame(BlameKind Kind, int? Stage, int? OtherEnd, int Choice, int? Chunk, string Reason)
{
    /// <summary>A dispute can prove it: the stage's own commitments do not follow from each other.</summary>
    public bool Provable => Kind is BlameKind.Computed or BlameKind.Drawn or BlameKind.Contradicted;
}

/// <summary>How blame is known.</summary>
public enum BlameKind
{
    /// <summary>Nothing differs.</summary>
    Nobody,

    /// <summary>The stage put out something else on equal inputs, whatever the next one says it got: challenge its outputs.</summary>
    Computed,

    /// <summary>The last stage drew other tokens from equal outputs: challenge its draws.</summary>
    Drawn,

    /// <summary>The edge signed two statements that contradict each other: they are the proof.</summary>
    Contradicted,

    /// <summary>
    /// The sender committed to what the other chain has, the receiver to something else. Either it misreports, or the sender sent other bytes than it
    /// signed; no signature covers the link, so neither is slashed, and neither is paid.
    /// </summary>
    Receiver,

    /// <summary>
    /// It cannot be told from what was compared: tokens differ, so that all inputs differ from some chunk on. Compare leaves; if they do not tell either, have the stages
    /// audited on their own inputs and let the referee decide.
    /// </summary>
    Undecided,
}
