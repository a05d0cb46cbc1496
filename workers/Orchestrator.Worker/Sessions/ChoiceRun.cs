using System.Buffers;
using System.Runtime.InteropServices;
using Orchestrator.Contracts;
using Orchestrator.Contracts.DataPlane;
using Orchestrator.Onnx.Sampling;
using Orchestrator.Verification;

namespace Orchestrator.Worker.Sessions;

/// <summary>One choice on one shard: its cache, what it committed to, and on the last stage its sampler.</summary>
public sealed class ChoiceRun(IStageSession cache, ShardManifest shard, TokenSampler? sampler) : IDisposable
{
    private readonly BoundaryHash input = new();
    private readonly BoundaryHash output = new();

    /// <summary>The key/value cache.</summary>
    public IStageSession Cache => cache;

    /// <summary>Runs one pass; what it puts out stays valid until the next.</summary>
    /// <exception cref="InvalidDataException">The pass does not fit the shard.</exception>
    public IReadOnlyList<Tensor> Run(Frame pass)
    {
        var header = pass.Header;
        if (header.Position != cache.Position)
            throw new InvalidDataException($"The pass starts at {header.Position}, the cache holds {cache.Position} tokens.");
        if (pass.Tensors.Count != shard.Receives.Count)
            throw new InvalidDataException($"The pass has {pass.Tensors.Count} tensors, the shard receives {shard.Receives.Count}.");
        return cache.Run(pass.Tokens, header.TokenCount, pass.Tensors);
    }

    /// <summary>Draws after every row from <see cref="FrameHeader.DrawFrom"/> on. Last stage only.</summary>
    /// <exception cref="InvalidDataException">The logits are not what the manifest promises.</exception>
    public TokenDraw[] Draw(FrameHeader pass, IReadOnlyList<Tensor> sends, int vocabulary)
    {
        int rows = pass.TokenCount - pass.DrawFrom;
        if (rows == 0)
            return [];
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
        return draws;
    }

    /// <summary>
    /// Commits to what came in and to what went out: on the last stage the rows that were drawn from. Called for every pass, in order and before
    /// the next, but after its output is on its way: the chain does not wait for hashes.
    /// </summary>
    public void Commit(Frame pass, IReadOnlyList<Tensor> sends)
    {
        var header = pass.Header;
        if (shard.Stage == 0)
            CommitTokens(pass);
        else
            Commit(input, header, pass.Tensors);
        if (sampler is null)
            Commit(output, header, sends);
        else
            CommitRows(header, sends);
    }

    /// <summary>What the receipt says of this choice.</summary>
    public ChoiceCommitment Commitment() => new(cache.Position, input.Current(), output.Current());

    /// <inheritdoc />
    public void Dispose()
    {
        cache.Dispose();
        input.Dispose();
        output.Dispose();
    }

    private static void Commit(BoundaryHash hash, FrameHeader header, IReadOnlyList<Tensor> tensors)
    {
        hash.BeginPass(header.Position, header.TokenCount, tensors.Count);
        for (int i = 0; i < tensors.Count; i++)
            hash.Append(tensors[i].Type, tensors[i].Bytes.Span);
    }

    private void CommitRows(FrameHeader header, IReadOnlyList<Tensor> sends)
    {
        int rows = header.TokenCount - header.DrawFrom;
        output.BeginPass(header.Position, header.TokenCount, rows == 0 ? 0 : 1);
        if (rows > 0)
            output.Append(sends[0].Type, sends[0].Bytes.Span[(sends[0].Bytes.Length / header.TokenCount * header.DrawFrom)..]);
    }

    private void CommitTokens(Frame pass)
    {
        var header = pass.Header;
        input.BeginPass(header.Position, header.TokenCount, 1);
        long[] wide = ArrayPool<long>.Shared.Rent(header.TokenCount);
        for (int i = 0; i < header.TokenCount; i++)
            wide[i] = pass.Tokens[i];
        input.Append(ElementType.Int64, MemoryMarshal.AsBytes(wide.AsSpan(0, header.TokenCount)));
        ArrayPool<long>.Shared.Return(wide);
    }
}
