using Orchestrator.Trainer.Llama;
using Orchestrator.Trainer.Numerics;
using static Orchestrator.Trainer.Llama.LlamaNames;

namespace Orchestrator.Trainer.Training;

/// <summary>
/// One thread's forward and backward pass over a <see cref="Batch"/>. Its gradients belong to it alone, so passes over several
/// batches run side by side and are added up afterwards in a fixed order.
/// </summary>
internal sealed unsafe class LlamaPass : IDisposable
{
    private readonly LlamaConfig config;
    private readonly PackedWeights weights;
    private readonly LayerActivations[] layers;
    private readonly CausalAttention attention;
    private readonly Rotary rotary;
    private readonly FloatBuffer last, lastInverse, lastNormed, logits;
    private readonly FloatBuffer dx, dwide, dgate, dup, dquery, dkey, dvalue;
    private readonly PackedMatrix packed;

    /// <param name="tokens">Most tokens of a batch.</param>
    public LlamaPass(PackedWeights weights, int tokens)
    {
        this.weights = weights;
        config = weights.Config;
        if (config.HeadDim % 32 != 0 || config.DModel % 16 != 0 || config.Ffn % 16 != 0)
            throw new ArgumentException($"Training needs head-dim in multiples of 32, d-model and ffn of 16: {config}.", nameof(weights));
        var rows = tokens + 2 * Gemm.TileRows;
        layers = [.. Enumerable.Range(0, config.Layers).Select(_ => new LayerActivations(config, tokens))];
        attention = new CausalAttention(config);
        rotary = new Rotary(new RotaryTable(Batch.LongestExample, config.HeadDim, config.RopeTheta));
        FloatBuffer Rows(int width) => new((long)rows * width);
        (last, lastInverse, lastNormed, logits) = (Rows(config.DModel), Rows(1), Rows(config.DModel), Rows(config.Vocab));
        (dx, dwide, dgate, dup) = (Rows(config.DModel), Rows(Math.Max(config.DModel, config.QueryWidth)), Rows(config.Ffn), Rows(config.Ffn));
        (dquery, dkey, dvalue) = (Rows(config.QueryWidth), Rows(config.KvWidth), Rows(config.KvWidth));
        var widest = new[] { config.Ffn, config.Vocab, config.DModel, config.QueryWidth }.Max();
        packed = new PackedMatrix(tokens, widest);
        Gradients = new FloatBuffer(weights.Count);
    }

    public Batch Batch { get; private set; } = new(0);

    /// <summary>The gradient of the last <see cref="Backward"/>, laid out as the weights are.</summary>
    public FloatBuffer Gradients { get; }

    /// <summary>Logits of the last <see cref="Forward"/>, [token, vocab].</summary>
    public ReadOnlySpan<float> Logits => logits.Span[..(Batch.Length * config.Vocab)];

    public void Forward(Batch batch)
    {
        Batch = batch;
        var (tokens, width) = (batch.Length, config.DModel);
        var embedding = weights.Vector(Embedding);
        var x = layers[0].Input.Pointer;
        for (var i = 0; i < tokens; i++)
            new ReadOnlySpan<float>(embedding + batch.Tokens[i] * width, width).CopyTo(new Span<float>(x + i * width, width));
        for (var layer = 0; layer < layers.Length; layer++)
            ForwardLayer(layer, layer + 1 < layers.Length ? layers[layer + 1].Input : last);
        RmsNorm.Forward(last.Pointer, weights.Vector(FinalNorm), lastNormed.Pointer, lastInverse.Pointer, tokens, width, config.RmsEps);
        Multiply(lastNormed, Head, logits);
    }

    /// <summary>Computes <see cref="Gradients"/> of the summed cross-entropy times <paramref name="scale"/>; returns the unscaled sum.</summary>
    public double Backward(float scale)
    {
        var (tokens, width) = (Batch.Length, config.DModel);
        Gradients.Span.Clear();
        var loss = CrossEntropy.Replace(logits.Pointer, Batch, config.Vocab, scale);
        MultiplyBack(lastNormed, logits, Head, dwide);
        dx.Span.Clear();
        RmsNorm.Backward(last.Pointer, weights.Vector(FinalNorm), lastInverse.Pointer, dwide.Pointer, dx.Pointer, Gradient(FinalNorm), tokens, width);
        for (var layer = layers.Length - 1; layer >= 0; layer--)
            BackwardLayer(layer);
        var embedding = Gradient(Embedding);
        for (var i = 0; i < tokens; i++)
        {
            var row = embedding + Batch.Tokens[i] * width;
            for (var j = 0; j < width; j++)
                row[j] += dx.Pointer[i * width + j];
        }
        return loss;
    }

    public void Dispose()
    {
        foreach (var layer in layers)
            layer.Dispose();
        foreach (var buffer in (FloatBuffer[])[last, lastInverse, lastNormed, logits, dx, dwide, dgate, dup, dquery, dkey, dvalue, Gradients])
            buffer.Dispose();
        attention.Dispose();
        rotary.Dispose();
        packed.Dispose();
    }

    private void ForwardLayer(int layer, FloatBuffer output)
    {
        var kept = layers[layer];
        var (tokens, width) = (Batch.Length, config.DModel);
        RmsNorm.Forward(kept.Input.Pointer, weights.Vector(Of(layer, AttentionNorm)), kept.Normed.Pointer, kept.InverseRms.Pointer, tokens, width, config.RmsEps);
        Multiply(kept.Normed, Of(layer, Query), kept.Query);
        Multiply(kept.Normed, Of(layer, Key), kept.Key);
        Multiply(kept.Normed, Of(layer, Value), kept.Value);
        Turn(kept.Query, config.Heads, 1f);
        Turn(kept.Key, config.KvHeads, 1f);
        attention.Forward(Batch, kept.Query.Pointer, kept.Key.Pointer, kept.Value.Pointer, kept.Mixed.Pointer, kept.Weights.Pointer);
        kept.Input.Span[..(tokens * width)].CopyTo(kept.Middle.Span);
        Multiply(kept.Mixed, Of(layer, Output), kept.Middle, accumulate: true);

        RmsNorm.Forward(kept.Middle.Pointer, weights.Vector(Of(layer, FfnNorm)), kept.MiddleNormed.Pointer, kept.MiddleInverseRms.Pointer, tokens, width, config.RmsEps);
        Multiply(kept.MiddleNormed, Of(layer, Gate), kept.Gate);
        Multiply(kept.MiddleNormed, Of(layer, Up), kept.Up);
        SwiGlu.Forward(kept.Gate.Pointer, kept.Up.Pointer, kept.Gated.Pointer, tokens * config.Ffn);
        kept.Middle.Span[..(tokens * width)].CopyTo(output.Span);
        Multiply(kept.Gated, Of(layer, Down), output, accumulate: true);
    }

    /// <summary>Turns <see cref="dx"/> from the gradient of the layer's output into that of its input.</summary>
    private void BackwardLayer(int layer)
    {
        var kept = layers[layer];
        var (tokens, width) = (Batch.Length, config.DModel);
        MultiplyBack(kept.Gated, dx, Of(layer, Down), dgate);
        SwiGlu.Backward(kept.Gate.Pointer, kept.Up.Pointer, dgate.Pointer, dgate.Pointer, dup.Pointer, tokens * config.Ffn);
        MultiplyBack(kept.MiddleNormed, dgate, Of(layer, Gate), dwide);
        MultiplyBack(kept.MiddleNormed, dup, Of(layer, Up), dwide, accumulate: true);
        RmsNorm.Backward(kept.Middle.Pointer, weights.Vector(Of(layer, FfnNorm)), kept.MiddleInverseRms.Pointer, dwide.Pointer, dx.Pointer,
            Gradient(Of(layer, FfnNorm)), tokens, width);

        MultiplyBack(kept.Mixed, dx, Of(layer, Output), dwide);
        attention.Backward(Batch, kept.Query.Pointer, kept.Key.Pointer, kept.Value.Pointer, kept.Weights.Pointer,
            dwide.Pointer, dquery.Pointer, dkey.Pointer, dvalue.Pointer);
        Turn(dquery, config.Heads, -1f);
        Turn(dkey, config.KvHeads, -1f);
        MultiplyBack(kept.Normed, dquery, Of(layer, Query), dwide);
        MultiplyBack(kept.Normed, dkey, Of(layer, Key), dwide, accumulate: true);
        MultiplyBack(kept.Normed, dvalue, Of(layer, Value), dwide, accumulate: true);
        RmsNorm.Backward(kept.Input.Pointer, weights.Vector(Of(layer, AttentionNorm)), kept.InverseRms.Pointer, dwide.Pointer, dx.Pointer,
            Gradient(Of(layer, AttentionNorm)), tokens, width);
    }

    private void Turn(FloatBuffer x, int heads, float direction)
    {
        foreach (var (start, length) in Batch.Examples)
            rotary.Turn(x.Pointer + start * heads * config.HeadDim, length, heads, direction);
    }

    /// <summary>y = x·W, or y += x·W.</summary>
    private void Multiply(FloatBuffer x, string name, FloatBuffer y, bool accumulate = false)
    {
        var slot = weights.Slot(name);
        Gemm.Multiply(x.Pointer, slot.Rows, 1, Batch.Length, weights.Plain(name), y.Pointer, slot.Columns, accumulate);
    }

    /// <summary>The gradient of W = xᵀ·dy, and dx = dy·Wᵀ (or dx += …).</summary>
    private void MultiplyBack(FloatBuffer x, FloatBuffer dy, string name, FloatBuffer dxOut, bool accumulate = false)
    {
        var slot = weights.Slot(name);
        packed.Pack(dy.Pointer, Batch.Length, slot.Columns, slot.Columns, 1);
        Gemm.Multiply(x.Pointer, 1, slot.Rows, slot.Rows, packed, Gradient(name), slot.Columns);
        Gemm.Multiply(dy.Pointer, slot.Columns, 1, Batch.Length, weights.Transposed(name), dxOut.Pointer, slot.Rows, accumulate);
    }

    private float* Gradient(string name) => Gradients.Pointer + weights.Slot(name).Offset;
}
