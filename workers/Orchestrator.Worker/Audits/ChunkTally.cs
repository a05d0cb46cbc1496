using Orchestrator.Contracts;
using Orchestrator.Disputes.Evidence;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Audits;

/// <summary>What an audit reports of each chunk, gathered pass by pass.</summary>
/// <param name="shard">The audited shard.</param>
/// <param name="last">Whether it is the last stage.</param>
/// <param name="hash">Whether chunks are hashed, which says something of the recorded passes only.</param>
public sealed class ChunkTally(ShardManifest shard, bool last, bool hash) : IDisposable
{
    private readonly BoundaryHash output = new();
    private readonly FingerprintBuilder points = new(FingerprintBuilder.TypeOf(shard));
    private readonly List<AuditedChunk> chunks = [];

    /// <summary>Chunks that are complete.</summary>
    public IReadOnlyList<AuditedChunk> Chunks => chunks;

    /// <summary>Adds a pass of a chunk; passes come in order.</summary>
    public void Add(InputPass pass, IReadOnlyList<Tensor> sends)
    {
        var committed = ChunkOutputs.Committed(pass.Pass, sends, last);
        if (hash)
            output.AppendPass(pass.Pass.Position, pass.Pass.Tokens, committed);
        foreach (var tensor in committed)
            points.Add(tensor.Type, tensor.Bytes.Span);
        if (pass.Pass.Position + pass.Pass.Tokens < pass.Chunk.Start + pass.Chunk.Tokens)
            return;
        byte[] largest = FingerprintPoints.Encode(points.Points());
        points.Finish();
        chunks.Add(new AuditedChunk(pass.Chunk.Index, hash ? output.Finish() : null, largest.Length > 0 ? largest : null));
    }

    /// <inheritdoc />
    public void Dispose() => output.Dispose();
}
