using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Onnx.Sampling;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Sessions;

/// <summary>One choice on one shard: its cache, what it committed to, and on the last stage its sampler.</summary>
public sealed class ChoiceRun(IStageSession cache, ShardManifest shard, IPassCommitter committer, TokenSampler? sampler) : IDisposable
{
    private TokenDraw[] drawn = [];

    /// <summary>The key/value cache.</summary>
    public IStageSession Cache => cache;

    /// <summary>Runs one pass; what it puts out stays valid until the next.</summary>
    /// <exception cref="InvalidDataException">The pass does not fit the shard, or does not follow the plan of chunks.</exception>
    public IReadOnlyList<Tensor> Run(Frame pass)
    {
        var header = pass.Header;
        if (header.Position != cache.Position)
            throw new InvalidDataException($"The pass starts at {header.Position}, the cache holds {cache.Position} tokens.");
        if (pass.Tensors.Count != shard.Receives.Count)
            throw new InvalidDataException($"The pass has {pass.Tensors.Count} tensors, the shard receives {shard.Receives.Count}.");
        committer.Check(header);
        return cache.Run(pass.Tokens, header.TokenCount, pass.Tensors);
    }

    /// <summary>Draws after every row from <see cref="FrameHeader.DrawFrom"/> on. Last stage only.</summary>
    /// <exception cref="InvalidDataException">The logits are not what the manifest promises.</exception>
    public TokenDraw[] Draw(FrameHeader pass, IReadOnlyList<Tensor> sends, int vocabulary)
    {
        int rows = pass.TokenCount - pass.DrawFrom;
        if (rows == 0)
            return drawn = [];
        int rowBytes = vocabulary * sizeof(float);
        if (sends is not [{ Type: ElementType.Float32 } logits] || logits.Bytes.Length != (long)rowBytes * pass.TokenCount)
            throw new InvalidDataException($"The last stage must end in float32 logits of {rowBytes} bytes per token.");
        var draws = new TokenDraw[rows];
        for (int i = 0; i < rows; i++)
        {
            int row = pass.DrawFrom + i;
            draws[i] = sampler!.Draw(logits.Bytes.Span.Slice(row * rowBytes, rowBytes), pass.Position + row + 1);
        }

        sampler!.Accept(draws[^1].Token);
        return drawn = draws;
    }

    /// <summary>
    /// Commits to what came in and to what went out, on the last stage the rows that were drawn from, and keeps what came in. Called for every pass, in order and before
    /// the next, but after its output is on its way: the chain does not wait for hashes.
    /// </summary>
    public void Commit(Frame pass, IReadOnlyList<Tensor> sends) => committer.Commit(pass, sends, drawn);

    /// <summary>What the receipt says of this choice; nothing may run after.</summary>
    public ChoiceCommitment Commitment() => committer.Finish();

    /// <summary>The leaves under the commitment; complete after <see cref="Commitment"/>.</summary>
    public IReadOnlyList<ChunkRecord> Chunks => committer.Chunks;

    /// <inheritdoc />
    public void Dispose()
    {
        cache.Dispose();
        committer.Dispose();
    }
}
