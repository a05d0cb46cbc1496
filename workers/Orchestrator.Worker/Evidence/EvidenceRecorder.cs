using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Evidence;

/// <summary>Writes one session's evidence as it runs. What is not kept by the time it is disposed is deleted. Not thread-safe.</summary>
public sealed class EvidenceRecorder : IDisposable
{
    private readonly EvidenceStore store;
    private readonly Assignment assignment;
    private readonly string path;
    private readonly long reserved;
    private readonly InputFileWriter?[] inputs;
    private bool ended;

    internal EvidenceRecorder(EvidenceStore store, Assignment assignment, string path, long reserved)
    {
        (this.store, this.assignment, this.path, this.reserved) = (store, assignment, path, reserved);
        inputs = new InputFileWriter?[assignment.Choices];
    }

    /// <summary>Adds a pass as it was received.</summary>
    /// <param name="choice">Its completion.</param>
    /// <param name="position">Absolute position of its first token.</param>
    /// <param name="count">Its tokens.</param>
    /// <param name="tokens">Token ids; read on stage 0.</param>
    /// <param name="received">Tensors received; empty on stage 0.</param>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Received(int choice, int position, int count, ReadOnlySpan<int> tokens, IReadOnlyList<Tensor> received)
    {
        var file = inputs[choice] ??= Create(choice);
        if (received.Count == 0)
            file.Append(position, tokens);
        else
            file.Append(position, count, received);
    }

    /// <summary>Ends the files: from now on they are served. Called before the receipt leaves.</summary>
    /// <exception cref="IOException">The disk refuses.</exception>
    public void Keep(IReadOnlyList<IReadOnlyList<ChunkRecord>> chunks)
    {
        Close();
        Directory.CreateDirectory(path);
        for (int choice = 0; choice < chunks.Count; choice++)
            File.WriteAllBytes(EvidenceStore.FileOf(path, choice, EvidenceKind.Chunks), ChunkFile.Encode(chunks[choice]));
        store.Keep(assignment, path, reserved);
        ended = true;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (ended)
            return;
        ended = true;
        Close();
        store.Drop(path, reserved);
    }

    private InputFileWriter Create(int choice)
    {
        Directory.CreateDirectory(path);
        return new InputFileWriter(new FileStream(EvidenceStore.FileOf(path, choice, EvidenceKind.Inputs), FileMode.Create, FileAccess.Write, FileShare.None, 1 << 15));
    }

    private void Close()
    {
        foreach (var file in inputs)
            file?.Dispose();
    }
}
