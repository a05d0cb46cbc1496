using Orchestrator.Contracts.DataPlane;

namespace Orchestrator.Worker.Edge;

/// <summary>
/// What the stages of a silent chain say of the passes they were sent. Not thread-safe.
/// <para>
/// The first stage that does not answer, did not get what the stage before sent, or keeps what it got, is named. Where two neighbours contradict
/// each other the lower is named, as for a link that broke; a failure costs reputation, never stake.
/// </para>
/// </summary>
public sealed class ChainProgress(int stages)
{
    private readonly StageProgress?[] told = new StageProgress?[stages];

    /// <summary>Notes an answer.</summary>
    public void Note(int stage, StageProgress progress) => told[stage] = progress;

    /// <summary>Which stage holds the chain up, and what is known of it.</summary>
    /// <param name="sent">Passes that the edge has sent.</param>
    public (int Stage, string What) Suspect(int sent)
    {
        for (int stage = 0; stage < told.Length; stage++)
        {
            if (told[stage] is not { } progress)
                return (stage, "does not answer");
            if (progress.Received < sent)
                return (stage, $"says it got {progress.Received} of {sent} passes");
            if (progress.PassedOn < sent)
                return (stage, $"has passed on {progress.PassedOn} of {sent} passes");
        }

        return (told.Length - 1, "says it has answered all passes");
    }
}
