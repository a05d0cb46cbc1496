using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Sessions;

/// <summary>What a stage keeps of one choice's passes: its commitment, and as evidence what came in.</summary>
public interface IPassCommitter : IDisposable
{
    /// <summary>The leaves under the commitment; complete after <see cref="Finish"/>.</summary>
    IReadOnlyList<ChunkRecord> Chunks { get; }

    /// <summary>Refuses a pass that could not be committed to, before anything is computed for it.</summary>
    /// <exception cref="InvalidDataException">The pass does not follow the plan of chunks.</exception>
    void Check(FrameHeader pass);

    /// <summary>Keeps a pass that was run; in order, and before the next runs.</summary>
    /// <param name="pass">What came in.</param>
    /// <param name="sends">What went out.</param>
    /// <param name="drawn">Tokens drawn after it; empty unless this is the last stage.</param>
    void Commit(Frame pass, IReadOnlyList<Tensor> sends, IReadOnlyList<TokenDraw> drawn);

    /// <summary>What the receipt says of this choice; nothing may follow.</summary>
    ChoiceCommitment Finish();
}
