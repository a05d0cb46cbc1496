using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Verification;
using Orchestrator.Worker.Evidence;

namespace Orchestrator.Worker.Sessions;

/// <summary>Commits as the protocol asks, and writes what came in to the session's evidence.</summary>
public sealed class PassCommitter(ShardManifest shard, bool last, int choice, EvidenceRecorder evidence) : IPassCommitter
{
    private readonly ChoiceCommitter committer = new(shard, last);

    /// <inheritdoc />
    public IReadOnlyList<ChunkRecord> Chunks => committer.Chunks;

    /// <inheritdoc />
    public void Check(FrameHeader pass) => committer.Check(Shape(pass));

    /// <inheritdoc />
    public void Commit(Frame pass, IReadOnlyList<Tensor> sends, IReadOnlyList<TokenDraw> drawn)
    {
        var header = pass.Header;
        committer.Commit(Shape(header), pass.Tokens, pass.Tensors, sends, drawn);
        evidence.Received(choice, header.Position, header.TokenCount, pass.Tokens, pass.Tensors);
    }

    /// <inheritdoc />
    public ChoiceCommitment Finish() => committer.Finish();

    /// <inheritdoc />
    public void Dispose() => committer.Dispose();

    private static ChunkPass Shape(FrameHeader header) => new(header.Position, header.TokenCount, header.DrawFrom);
}
