namespace Orchestrator.Trainer.Llama;

/// <summary>Where one named tensor lies in the flat parameter array. <paramref name="Columns"/> is 0 for a vector.</summary>
public sealed record WeightSlot(string Name, int Offset, int Rows, int Columns)
{
    public int Length => Columns == 0 ? Rows : Rows * Columns;

    public bool IsMatrix => Columns != 0;
}

/// <summary>
/// All parameters of one model in a single array, with the place of every named tensor. Matrices are row-major [in, out], as
/// ONNX <c>MatMul</c> wants them on its right side.
/// </summary>
public sealed class LlamaWeights
{
    private readonly Dictionary<string, WeightSlot> byName;

    public LlamaWeights(LlamaConfig config)
    {
        Config = config.Checked();
        Slots = [.. Layout(config)];
        byName = Slots.ToDictionary(slot => slot.Name, StringComparer.Ordinal);
        Values = new float[Slots[^1].Offset + Slots[^1].Length];
    }

    public LlamaConfig Config { get; }

    /// <summary>Every tensor, in the order it lies in <see cref="Values"/>.</summary>
    public IReadOnlyList<WeightSlot> Slots { get; }

    public float[] Values { get; }

    public WeightSlot this[string name] => byName[name];

    public Span<float> Of(string name) => Values.AsSpan(byName[name].Offset, byName[name].Length);

    /// <summary>
    /// Untrained weights: gains 1, matrices uniform with the deviation a Gaussian of 0.02 would have, and the projections that
    /// write into the residual stream scaled down by sqrt(2 · layers). Only integer and IEEE arithmetic, so the same seed gives
    /// the same bits everywhere.
    /// </summary>
    public static LlamaWeights Random(LlamaConfig config, ulong seed)
    {
        var weights = new LlamaWeights(config);
        var random = new SplitMix(seed);
        foreach (var slot in weights.Slots)
        {
            var values = weights.Values.AsSpan(slot.Offset, slot.Length);
            if (!slot.IsMatrix)
            {
                values.Fill(1f);
                continue;
            }
            var residual = slot.Name.EndsWith(LlamaNames.Output, StringComparison.Ordinal)
                || slot.Name.EndsWith(LlamaNames.Down, StringComparison.Ordinal);
            var bound = 0.02f * MathF.Sqrt(3f) / (residual ? MathF.Sqrt(2f * config.Layers) : 1f);
            foreach (ref var value in values)
                value = bound * random.NextSigned();
        }
        return weights;
    }

    private static IEnumerable<WeightSlot> Layout(LlamaConfig config)
    {
        var offset = 0;
        WeightSlot Next(string name, int rows, int columns = 0)
        {
            var slot = new WeightSlot(name, offset, rows, columns);
            offset = checked(offset + slot.Length);
            return slot;
        }

        yield return Next(LlamaNames.Embedding, config.Vocab, config.DModel);
        for (var layer = 0; layer < config.Layers; layer++)
        {
            yield return Next(LlamaNames.Of(layer, LlamaNames.AttentionNorm), config.DModel);
            yield return Next(LlamaNames.Of(layer, LlamaNames.Query), config.DModel, config.QueryWidth);
            yield return Next(LlamaNames.Of(layer, LlamaNames.Key), config.DModel, config.KvWidth);
            yield return Next(LlamaNames.Of(layer, LlamaNames.Value), config.DModel, config.KvWidth);
            yield return Next(LlamaNames.Of(layer, LlamaNames.Output), config.QueryWidth, config.DModel);
            yield return Next(LlamaNames.Of(layer, LlamaNames.FfnNorm), config.DModel);
            yield return Next(LlamaNames.Of(layer, LlamaNames.Gate), config.DModel, config.Ffn);
            yield return Next(LlamaNames.Of(layer, LlamaNames.Up), config.DModel, config.Ffn);
            yield return Next(LlamaNames.Of(layer, LlamaNames.Down), config.Ffn, config.DModel);
        }
        yield return Next(LlamaNames.FinalNorm, config.DModel);
        yield return Next(LlamaNames.Head, config.DModel, config.Vocab);
    }
}
