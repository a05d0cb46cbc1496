using System.Runtime.InteropServices;
using Orchestrator.Trainer.Llama;
using Orchestrator.Trainer.Numerics;

namespace Orchestrator.Trainer.Training;

/// <summary>Every matrix of a model packed once per step, as is for the way forward and transposed for the way back.</summary>
internal sealed unsafe class PackedWeights : IDisposable
{
    private readonly LlamaWeights weights;
    private readonly WeightSlot[] matrices;
    private readonly Dictionary<string, (PackedMatrix Plain, PackedMatrix Transposed)> packs;
    private readonly FloatBuffer vectors;

    public PackedWeights(LlamaWeights weights)
    {
        this.weights = weights;
        matrices = [.. weights.Slots.Where(slot => slot.IsMatrix && slot.Name != LlamaNames.Embedding)];
        packs = matrices.ToDictionary(slot => slot.Name,
            slot => (new PackedMatrix(slot.Rows, slot.Columns), new PackedMatrix(slot.Columns, slot.Rows)), StringComparer.Ordinal);
        vectors = new FloatBuffer(weights.Values.Length);
    }

    public LlamaConfig Config => weights.Config;

    /// <summary>Takes over the present values of the weights.</summary>
    public void Refresh(int threads) => Parallel.For(0, matrices.Length + 1, new ParallelOptions { MaxDegreeOfParallelism = threads }, index =>
    {
        if (index == matrices.Length)
        {
            foreach (var slot in weights.Slots.Where(slot => !slot.IsMatrix || slot.Name == LlamaNames.Embedding))
                weights.Of(slot.Name).CopyTo(vectors.Span[slot.Offset..]);
            return;
        }
        var matrix = matrices[index];
        var (plain, transposed) = packs[matrix.Name];
        fixed (float* source = &MemoryMarshal.GetReference(weights.Of(matrix.Name)))
        {
            plain.Pack(source, matrix.Rows, matrix.Columns, matrix.Columns, 1);
            transposed.Pack(source, matrix.Columns, matrix.Rows, 1, matrix.Columns);
        }
    });

    public PackedMatrix Plain(string name) => packs[name].Plain;

    public PackedMatrix Transposed(string name) => packs[name].Transposed;

    /// <summary>The embedding or a gain, unpacked.</summary>
    public float* Vector(string name) => vectors.Pointer + weights[name].Offset;

    public WeightSlot Slot(string name) => weights[name];

    public int Count => weights.Values.Length;

    public void Dispose()
    {
        foreach (var (plain, transposed) in packs.Values)
        {
            plain.Dispose();
            transposed.Dispose();
        }
        vectors.Dispose();
    }
}
