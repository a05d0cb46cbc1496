using System.Runtime.InteropServices;
using Orchestrator.Contracts;

namespace Orchestrator.TestKit;

internal sealed class FakeStageSession : IStageSession
{
    private readonly FakeStageLoader loader;
    private readonly FakeModel model;
    private readonly ShardManifest shard;
    private readonly int maxTokens;

    /// <summary>Per layer of the shard, the folded hidden values up to and including each position.</summary>
    private readonly List<long>[] caches;

    private bool disposed;

    internal FakeStageSession(FakeStageLoader loader, FakeModel model, ShardManifest shard, int maxTokens)
    {
        (this.loader, this.model, this.shard, this.maxTokens) = (loader, model, shard, maxTokens);
        caches = [.. Enumerable.Range(0, shard.Layers.Count).Select(_ => new List<long>())];
        loader.Opened(1);
    }

    /// <inheritdoc />
    public int Position => caches[0].Count;

    private bool IsFirst => shard.Stage == 0;

    private bool IsLast => shard.Stage == model.Manifest.Stages.Count - 1;

    /// <inheritdoc />
    public IReadOnlyList<Tensor> Run(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Check(tokens, tokenCount, received);
        var pass = new FakePass(shard.Stage, Position, tokenCount);
        loader.Before(pass);
        int[] ids = IsFirst ? tokens.ToArray() : MemoryMarshal.Cast<byte, int>(received[1].Bytes.Span).ToArray();
        long[] hidden = IsFirst
            ? Array.ConvertAll(ids, token => FakeArithmetic.Embed(token, model.Seed))
            : MemoryMarshal.Cast<byte, long>(received[0].Bytes.Span).ToArray();
        for (int i = 0; i < tokenCount; i++)
            hidden[i] = Layers(hidden[i]);
        var sent = IsLast ? [Logits(hidden, ids)] : Boundary(hidden, ids);
        return loader.Falsify?.Invoke(pass) == true ? [Falsified(sent[0]), .. sent.Skip(1)] : sent;
    }

    /// <inheritdoc />
    public void Rewind(int position)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, Position);
        foreach (var cache in caches)
            cache.RemoveRange(position, cache.Count - position);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        loader.Opened(-1);
    }

    private long Layers(long hidden)
    {
        for (int i = 0; i < caches.Length; i++)
        {
            var cache = caches[i];
            hidden = FakeArithmetic.Layer(shard.Layers.Start + i, cache.Count, hidden, cache.Count == 0 ? 0 : cache[^1]);
            cache.Add(hidden);
        }

        return hidden;
    }

    private Tensor Logits(long[] hidden, int[] ids)
    {
        int vocabulary = model.Manifest.Vocabulary;
        var logits = new float[hidden.Length * vocabulary];
        for (int i = 0; i < logits.Length; i++)
            logits[i] = FakeArithmetic.Logit(hidden[i / vocabulary], ids[i / vocabulary], i % vocabulary);
        return new(ElementType.Float32, [1, hidden.Length, vocabulary], MemoryMarshal.AsBytes<float>(logits).ToArray());
    }

    private Tensor[] Boundary(long[] hidden, int[] ids)
    {
        var (first, second) = (shard.Sends[0].Spec, shard.Sends[1].Spec);
        return
        [
            new(first.ElementType, [1, hidden.Length, first.Shape[^1]], MemoryMarshal.AsBytes<long>(hidden).ToArray()),
            new(second.ElementType, [1, ids.Length], MemoryMarshal.AsBytes<int>(ids).ToArray()),
        ];
    }

    private static Tensor Falsified(Tensor tensor)
    {
        byte[] bytes = tensor.Bytes.ToArray();
        bytes[0] ^= 1;
        return tensor with { Bytes = bytes };
    }

    private void Check(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received)
    {
        if (tokenCount < 1 || tokenCount > maxTokens - Position)
            throw new InvalidDataException($"A pass of {tokenCount} tokens at position {Position} does not fit a session of {maxTokens} tokens.");
        if (tokens.Length != tokenCount && (IsFirst || tokens.Length != 0))
            throw new InvalidDataException($"A pass of {tokenCount} tokens needs as many token ids, not {tokens.Length}.");
        if (tokens.ContainsAnyExceptInRange(0, model.Manifest.Vocabulary - 1))
            throw new InvalidDataException("A token is outside the vocabulary.");
        if (received.Count != shard.Receives.Count)
            throw new InvalidDataException($"Stage {shard.Stage} receives {shard.Receives.Count} tensors per pass, not {received.Count}.");
        for (int i = 0; i < received.Count; i++)
        {
            var spec = shard.Receives[i].Spec;
            long[] shape = [.. spec.Shape.Select(axis => TensorSizes.Resolve(axis, 1, tokenCount, Position + tokenCount))];
            if (received[i].Type != spec.ElementType || !shape.SequenceEqual(received[i].Shape)
                || received[i].Bytes.Length != TensorSizes.Bytes(spec.ElementType, shape, 1, 1, 1))
                throw new InvalidDataException($"Tensor '{shard.Receives[i].Name}' does not fit the manifest.");
        }
    }
}
