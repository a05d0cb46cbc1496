using System.Runtime.InteropServices;
using Orchestrator.Contracts;
using Orchestrator.Sharder.Model;

namespace Orchestrator.Sharder.Probing;

/// <summary>One pass through a model with empty contents: <paramref name="Sequence"/> tokens after <paramref name="Past"/> others.</summary>
internal readonly record struct ProbePass(int Batch, int Sequence, int Past)
{
    /// <summary>Past and new tokens.</summary>
    public int Total => Past + Sequence;

    /// <summary>Inputs of the pass; token ids and caches are zero.</summary>
    public IReadOnlyDictionary<string, Tensor> Inputs(ModelSignature signature)
    {
        var inputs = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var control in signature.Controls)
            inputs.Add(control.Name, ControlTensor(control.Role, new long[Sequence]));
        foreach (var cache in signature.Caches)
        {
            long[] shape = [Batch, cache.Heads, Past, cache.HeadSize];
            inputs.Add(cache.Past, new Tensor(cache.Type, shape, new byte[TensorSizes.Bytes(cache.Type, shape, 0, 0, 0)]));
        }

        return inputs;
    }

    /// <summary>The tensor that a role asks for in this pass, the same for every row of the batch.</summary>
    public Tensor ControlTensor(InputRole role, ReadOnlySpan<long> tokens)
    {
        int length = role == InputRole.AttentionMask ? Total : Sequence;
        long[] row = new long[length];
        for (int i = 0; i < length; i++)
            row[i] = role switch { InputRole.TokenIds => tokens[i], InputRole.AttentionMask => 1, _ => Past + i };
        long[] all = [.. Enumerable.Repeat(row, Batch).SelectMany(r => r)];
        return new Tensor(ElementType.Int64, [Batch, length], MemoryMarshal.AsBytes<long>(all).ToArray());
    }
}
