using System.Runtime.InteropServices;
using Microsoft.ML.OnnxRuntime;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Caches;

namespace Orchestrator.Onnx.Execution;

/// <summary>The bound inputs, outputs and caches of one choice on one shard. Not thread-safe.</summary>
internal sealed class OnnxStageSession : IStageSession
{
    private readonly InferenceSession runtime;
    private readonly ShardManifest shard;
    private readonly int vocabulary;
    private readonly int maxTokens;
    private readonly bool takesTokens;
    private readonly Action released;
    private readonly RunOptions runOptions = new();
    private readonly OrtIoBinding binding;
    private readonly IKeyValueCache cache;
    private readonly InputSlot[] modelInputs;
    private readonly InputSlot?[] receives;
    private readonly OutputSlot?[] sends;
    private readonly int[] passedOn;
    private readonly byte[][] passedOnBytes;
    private readonly Tensor[] results;
    private IDisposableReadOnlyCollection<OrtValue>? fetched;
    private bool disposed;

    internal OnnxStageSession(
        InferenceSession runtime,
        ShardManifest shard,
        int vocabulary,
        int maxTokens,
        int capacity,
        Func<OrtIoBinding, int, IKeyValueCache> createCache,
        Action released)
    {
        (this.runtime, this.shard, this.vocabulary, this.maxTokens, this.released) = (runtime, shard, vocabulary, maxTokens, released);
        takesTokens = shard.ModelInputs.Any(input => input.Role == InputRole.TokenIds);
        binding = runtime.CreateIoBinding();
        cache = createCache(binding, capacity);
        modelInputs = [.. shard.ModelInputs.Select(input => Input(input.Name, ElementType.Int64))];
        receives = [.. shard.Receives.Select(tensor => tensor.Consumed ? Input(tensor.Name, tensor.Spec.ElementType) : null)];
        sends = [.. shard.Sends.Select(tensor => tensor.Consumed ? new OutputSlot(binding, tensor) : null)];
        passedOn = [.. shard.Sends.Select(tensor => tensor.Consumed ? -1 : IndexOf(shard.Receives, tensor.Name))];
        passedOnBytes = [.. passedOn.Select(_ => Array.Empty<byte>())];
        results = new Tensor[sends.Length];
        for (int i = 0; i < modelInputs.Length; i++)
        {
            if (shard.ModelInputs[i].Role == InputRole.AttentionMask)
                MemoryMarshal.Cast<byte, long>(modelInputs[i].Reserve(maxTokens * sizeof(long))).Fill(1);
        }
    }

    /// <inheritdoc />
    public int Position { get; private set; }

    /// <inheritdoc />
    public IReadOnlyList<Tensor> Run(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        Check(tokens, tokenCount, received);
        Prepare(tokens, tokenCount, received);
        try
        {
            runtime.RunWithBinding(runOptions, binding);
        }
        catch (OnnxRuntimeException e)
        {
            throw new InvalidDataException($"ONNX Runtime refused the pass at position {Position} of stage {shard.Stage}: {e.Message}", e);
        }
        finally
        {
            foreach (var slot in receives)
                slot?.Release();
        }

        Take(received);
        cache.Commit();
        Position += tokenCount;
        return results;
    }

    /// <inheritdoc />
    public void PrepareNext()
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        if (Position == maxTokens)
            return;
        for (int i = 0; i < modelInputs.Length; i++)
        {
            if (shard.ModelInputs[i].Role == InputRole.AttentionMask)
                modelInputs[i].Prepare([1, Position + 1]);
        }
    }

    /// <inheritdoc />
    public void Rewind(int position)
    {
        ObjectDisposedException.ThrowIf(disposed, this);
        ArgumentOutOfRangeException.ThrowIfNegative(position);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(position, Position);
        if (position == Position)
            return;
        cache.Rewind(Position, position);
        Position = position;
    }

    /// <inheritdoc />
    public void Dispose()
    {
        if (disposed)
            return;
        disposed = true;
        fetched?.Dispose();
        binding.Dispose();
        runOptions.Dispose();
        cache.Dispose();
        foreach (IDisposable? slot in (IEnumerable<IDisposable?>)[.. modelInputs, .. receives, .. sends])
            slot?.Dispose();
        released();
    }

    private static int IndexOf(IReadOnlyList<BoundaryTensor> tensors, string name)
    {
        for (int i = 0; i < tensors.Count; i++)
        {
            if (tensors[i].Name == name)
                return i;
        }

        throw new InvalidDataException($"The stage passes on '{name}', which it does not receive.");
    }

    private InputSlot Input(string name, ElementType type) => new(binding, name, type);

    private void Check(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received)
    {
        if (tokenCount < 1 || tokenCount > maxTokens - Position)
            throw new InvalidDataException($"A pass of {tokenCount} tokens at position {Position} does not fit a session of {maxTokens} tokens.");
        if (tokens.Length != tokenCount && (tokens.Length != 0 || takesTokens))
            throw new InvalidDataException($"A pass of {tokenCount} tokens needs as many token ids, not {tokens.Length}.");
        foreach (int token in tokens)
        {
            if ((uint)token >= (uint)vocabulary)
                throw new InvalidDataException($"Token {token} is outside the vocabulary of {vocabulary}.");
        }

        if (received.Count != shard.Receives.Count)
            throw new InvalidDataException($"Stage {shard.Stage} receives {shard.Receives.Count} tensors per pass, not {received.Count}.");
        for (int i = 0; i < received.Count; i++)
            TensorShapes.Check(shard.Receives[i], received[i], tokenCount, Position + tokenCount);
    }

    private void Prepare(ReadOnlySpan<int> tokens, int tokenCount, IReadOnlyList<Tensor> received)
    {
        fetched?.Dispose();
        fetched = null;
        int total = Position + tokenCount;
        for (int i = 0; i < modelInputs.Length; i++)
            Fill(modelInputs[i], shard.ModelInputs[i].Role, tokens, tokenCount, total);
        for (int i = 0; i < receives.Length; i++)
            receives[i]?.Bind(received[i]);
        foreach (var slot in sends)
            slot?.Prepare(tokenCount, total);
        cache.Prepare(Position, tokenCount);
    }

    private void Fill(InputSlot slot, InputRole role, ReadOnlySpan<int> tokens, int tokenCount, int total)
    {
        if (role == InputRole.AttentionMask)
        {
            slot.Prepare([1, total]);
            return;
        }

        var values = MemoryMarshal.Cast<byte, long>(slot.Prepare([1, tokenCount]));
        for (int i = 0; i < values.Length; i++)
            values[i] = role == InputRole.TokenIds ? tokens[i] : Position + i;
    }

    private void Take(IReadOnlyList<Tensor> received)
    {
        if (Array.Exists(sends, slot => slot is { Allocated: true }))
            fetched = binding.GetOutputValues();
        string[]? names = fetched is null ? null : binding.GetOutputNames();
        for (int i = 0; i < results.Length; i++)
        {
            if (sends[i] is { } slot)
                results[i] = slot.Take(slot.Allocated ? fetched![Array.IndexOf(names!, slot.Name)] : null);
            else
                results[i] = PassOn(i, received[passedOn[i]]);
        }
    }

    private Tensor PassOn(int index, Tensor tensor)
    {
        if (passedOnBytes[index].Length != tensor.Bytes.Length)
            passedOnBytes[index] = new byte[tensor.Bytes.Length];
        tensor.Bytes.CopyTo(passedOnBytes[index]);
        return tensor with { Shape = [.. tensor.Shape], Bytes = passedOnBytes[index] };
    }
}
