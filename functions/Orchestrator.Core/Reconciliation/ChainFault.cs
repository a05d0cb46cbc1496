using Orchestrator.Contracts;

namespace Orchestrator.Core.Reconciliation;

/// <summary>Why a chain's result does not count.</summary>
/// <param name="Kind">What is wrong.</param>
/// <param name="Stage">The stage it is wrong at; null when no single stage is to blame.</param>
/// <param name="Link">Both ends, when they contradict each other; <see cref="Stage"/> is then the sender.</param>
/// <param name="Message">For people.</param>
public sealed record ChainFault(ChainFaultKind Kind, int? Stage, BrokenLink? Link, string Message);

/// <summary>Two neighbours that signed different bytes for the same link. One of them lies; the receipts alone do not say which.</summary>
/// <param name="Sender">Stage that put out <paramref name="Sent"/>.</param>
/// <param name="Receiver">Stage that received <paramref name="Received"/>.</param>
/// <param name="Choice">Which completion.</param>
/// <param name="Sent">Digest the sender signed.</param>
/// <param name="Received">Digest the receiver signed.</param>
public sealed record BrokenLink(int Sender, int Receiver, int Choice, Digest Sent, Digest Received);

/// <summary>What is wrong with a chain's result.</summary>
public enum ChainFaultKind
{
    /// <summary>No result came in time.</summary>
    Silent,

    /// <summary>The edge reports that the chain failed.</summary>
    Reported,

    /// <summary>The result is of another job, chain or session, or not signed by its edge.</summary>
    WrongResult,

    /// <summary>Counts do not fit: choices, receipts, tokens.</summary>
    Malformed,

    /// <summary>A receipt could not be opened.</summary>
    UnreadableReceipt,

    /// <summary>A receipt is not of the node that the stage was given to.</summary>
    WrongNode,

    /// <summary>A receipt is of another job, session, model, stage or layers.</summary>
    WrongReceipt,

    /// <summary>A stage ran another number of tokens than the answer needs.</summary>
    WrongTokens,

    /// <summary>What one stage put out is not what the next received, or what the last drew not what the edge says it was told (receiver 0).</summary>
    BrokenLink,

    /// <summary>The edge signed tokens that contradict what it signed as stage 0: no one else can be to blame.</summary>
    SwappedTokens,
}
