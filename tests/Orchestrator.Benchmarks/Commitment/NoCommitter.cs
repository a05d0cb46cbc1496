using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Verification;
using Orchestrator.Worker.Sessions;

namespace Orchestrator.Benchmarks.Commitment;

/// <summary>Takes the place of a committer and keeps nothing: its receipts are those of a choice that never ran.</summary>
internal sealed class NoCommitter(IPassCommitter replaced) : IPassCommitter
{
    /// <inheritdoc />
    public IReadOnlyList<ChunkRecord> Chunks => replaced.Chunks;

    /// <inheritdoc />
    public void Check(FrameHeader pass)
    {
        // Nothing is known of the passes before.
    }

    /// <inheritdoc />
    public void Commit(Frame pass, IReadOnlyList<Tensor> sends, IReadOnlyList<TokenDraw> drawn)
    {
        // That is the point.
    }

    /// <inheritdoc />
    public ChoiceCommitment Finish() => replaced.Finish();

    /// <inheritdoc />
    public void Dispose() => replaced.Dispose();
}
