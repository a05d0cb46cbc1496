using Orchestrator.Core.Disputes;

namespace Orchestrator.ControlPlane.Disputes;

/// <summary>Where a dispute stands: the workflow's custom status.</summary>
/// <param name="Phase">What it waits for.</param>
/// <param name="Deadline">Until when; null once it is over.</param>
/// <param name="Chunk">The disputed chunk; null while it is not known.</param>
/// <param name="AgreedSteps">Steps of the trace that both parties agree on.</param>
/// <param name="FirstDifference">A step whose state differs; 0 while none is known.</param>
/// <param name="Rounds">Rounds of states asked so far.</param>
/// <param name="Verdict">How it ended; null while it has not.</param>
public sealed record DisputeStatus(DisputePhase Phase, DateTimeOffset? Deadline, int? Chunk, long AgreedSteps, long FirstDifference, int Rounds, DisputeVerdict? Verdict)
{
    /// <summary>Shows a game.</summary>
    public static DisputeStatus Of(DisputeGame game, int rounds) => new(
        game.Phase, game.Over ? null : game.Deadline, game.Chunk?.Chunk, game.Low, game.Narrowing ? game.High : 0, rounds, game.Verdict);
}
