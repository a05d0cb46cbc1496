using System.Collections.Immutable;

namespace Orchestrator.Core.Ledger;

/// <summary>
/// A book's latest movements. Books are read one after the other while money moves between them; the trail says what moved meanwhile, so that a transfer
/// of which only one side was read is named instead of missed.
/// </summary>
/// <param name="Moves">Oldest first.</param>
/// <param name="Gone">Every movement after it is in <paramref name="Moves"/>.</param>
public sealed record Trail(ImmutableArray<Movement> Moves, DateTimeOffset Gone)
{
    /// <summary>How long a movement is kept: longer than it takes to read every book.</summary>
    public static readonly TimeSpan Span = TimeSpan.FromMinutes(2);

    /// <summary>Most movements kept; about 200 bytes each in the stored document.</summary>
    public const int Capacity = 2048;

    /// <summary>Nothing moved yet.</summary>
    public static Trail None { get; } = new([], DateTimeOffset.MinValue);

    /// <summary>Whether no movement at or after a time was dropped.</summary>
    public bool Covers(DateTimeOffset since) => Gone < since;

    /// <summary>Adds the latest movement and drops what is too old or too much.</summary>
    public Trail Add(Movement move)
    {
        var moves = Moves.Add(move);
        int drop = 0;
        while (move.At - moves[drop].At > Span)
            drop++;
        // A quarter at once, so that a full trail is not copied twice on every movement.
        if (moves.Length - drop > Capacity)
            drop += Capacity / 4;
        return drop == 0 ? this with { Moves = moves } : new(moves.RemoveRange(0, drop), moves[drop - 1].At);
    }
}
