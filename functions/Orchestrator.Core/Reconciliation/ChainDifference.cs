namespace Orchestrator.Core.Reconciliation;

/// <summary>Where two chains with valid results first differ.</summary>
/// <param name="ChainA">The lower chain.</param>
/// <param name="ChainB">The higher chain.</param>
/// <param name="Kind">What differs.</param>
/// <param name="Stage">First stage whose output differs; null when only the answer does.</param>
/// <param name="Choice">Which completion; null when all do.</param>
/// <param name="Message">For people.</param>
public sealed record ChainDifference(int ChainA, int ChainB, DifferenceKind Kind, int? Stage, int? Choice, string Message);

/// <summary>What differs between two chains.</summary>
public enum DifferenceKind
{
    /// <summary>What a stage put out.</summary>
    Output,

    /// <summary>The number of prompt tokens.</summary>
    Prompt,

    /// <summary>The drawn tokens.</summary>
    Tokens,

    /// <summary>Chains of different classes: a stage of one is not within tolerance of what the other's node gets, or nobody could say.</summary>
    Tolerance,

    /// <summary>The text or why it ended, though the tokens are equal.</summary>
    Text,
}
