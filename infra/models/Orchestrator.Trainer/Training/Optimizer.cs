using Orchestrator.Trainer.Llama;

namespace Orchestrator.Trainer.Training;

/// <summary>
/// Adds up the gradients of all passes, clips them to unit length, and updates: <see cref="Muon"/> for the matrices inside layers,
/// <see cref="AdamW"/> for the embedding, the head and the gains.
/// </summary>
internal sealed class Optimizer : IDisposable
{
    private const float MuonRate = 0.02f, AdamRate = 3e-3f, Decay = 0.05f;

    private readonly LlamaWeights weights;
    private readonly ParallelOptions parallel;
    private readonly Dictionary<string, Muon> muons;
    private readonly WeightSlot[] slots;
    private readonly float[] gradient;

    public Optimizer(LlamaWeights weights, int threads)
    {
        this.weights = weights;
        parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        muons = weights.Slots.Where(slot => slot.IsMatrix && slot.Name is not (LlamaNames.Embedding or LlamaNames.Head))
            .ToDictionary(slot => slot.Name, slot => new Muon(slot), StringComparer.Ordinal);
        slots = [.. weights.Slots.OrderByDescending(slot => slot.Length)];
        gradient = new float[weights.Values.Length];
        First = new float[gradient.Length];
        Second = new float[gradient.Length];
    }

    /// <summary>Momentum of every parameter.</summary>
    public float[] First { get; }

    /// <summary>Mean squares, for the tensors that <see cref="AdamW"/> updates.</summary>
    public float[] Second { get; }

    /// <param name="step">Counted from 0.</param>
    /// <param name="share">Share of the peak learning rate.</param>
    /// <returns>The length of the gradient before clipping.</returns>
    public double Step(IReadOnlyList<LlamaPass> passes, int step, float share)
    {
        var squares = new double[slots.Length];
        Parallel.For(0, slots.Length, parallel, i => squares[i] = AddUp(slots[i], passes));
        var norm = Math.Sqrt(squares.Sum());
        var clip = norm > 1.0 ? (float)(1.0 / norm) : 1f;
        Parallel.For(0, slots.Length, parallel, i => Update(slots[i], step, share, clip));
        return norm;
    }

    public void Dispose()
    {
        foreach (var muon in muons.Values)
            muon.Dispose();
    }

    private double AddUp(WeightSlot slot, IReadOnlyList<LlamaPass> passes)
    {
        var sum = gradient.AsSpan(slot.Offset, slot.Length);
        sum.Clear();
        foreach (var pass in passes)
        {
            var part = pass.Gradients.Span.Slice(slot.Offset, slot.Length);
            for (var i = 0; i < part.Length; i++)
                sum[i] += part[i];
        }
        var squares = 0.0;
        foreach (var value in sum)
            squares += (double)value * value;
        return squares;
    }

    private void Update(WeightSlot slot, int step, float share, float clip)
    {
        Span<float> Part(float[] values) => values.AsSpan(slot.Offset, slot.Length);
        var sum = Part(gradient);
        foreach (ref var value in sum)
            value *= clip;
        if (muons.TryGetValue(slot.Name, out var muon))
            muon.Step(Part(weights.Values), sum, Part(First), MuonRate * share, Decay);
        else
            AdamW.Step(Part(weights.Values), sum, Part(First), Part(Second), step + 1, AdamRate * share, slot.IsMatrix ? Decay : 0f);
    }
}
