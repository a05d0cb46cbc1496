using Orchestrator.Contracts;

namespace Orchestrator.Disputes.Referees;

/// <summary>Repeats draws; the sampler lives with the runtime.</summary>
public interface IDrawReplay
{
    /// <summary>The first draw that does not follow from its logits, exactly; null when all do.</summary>
    /// <param name="draws">How the stage had to draw, and what it drew from the first draw on.</param>
    /// <param name="promptTokens">Place of the first draw.</param>
    /// <param name="vocabulary">Logits per row.</param>
    /// <param name="rows">Rows of logits in order of position, float32, with the place of the token that each draws.</param>
    /// <exception cref="InvalidDataException">A row is not finite or has another length.</exception>
    DrawGap? FirstWrong(DrawTask draws, int promptTokens, int vocabulary, IReadOnlyList<(int Position, ReadOnlyMemory<byte> Row)> rows);
}
