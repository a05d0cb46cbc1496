namespace Orchestrator.Core.Reconciliation;

/// <summary>Who made a chain differ from one that counts. Blame is no proof: it says where to look, whom not to pay, and whom to challenge.</summary>
/// <param name="Kind">How it is known.</param>
/// <param name="Stage">The stage to blame; null when it cannot be told.</param>
/// <param name="OtherEnd">The other end of the link, for <see cref="BlameKind.Receiver"/>; it may be the one that lies.</param>
/// <param name="Choice">Which completion.</param>
/// <param name="Chunk">Chunk of the first token that differs; null when all are equal.</param>
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
    /// Tokens differ, so that all inputs differ from some pass on, and roots do not tell. Compare the leaves of all chunks before the one that the tokens differ in, stage by stage;
    /// if they are equal, have each chain's stages run that chunk again on the other chain's inputs: whoever lied did so in it.
    /// </summary>
    Diverged,

    /// <summary>It cannot be told from what was compared: stages ran in classes whose bits may differ.</summary>
    Undecided,
}
