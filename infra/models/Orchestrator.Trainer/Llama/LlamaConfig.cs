namespace Orchestrator.Trainer.Llama;

/// <summary>The shape of a Llama-style decoder: RMSNorm, rotary positions, grouped-query attention, SwiGLU, untied head.</summary>
/// <param name="Layers">Decoder layers, at least 1.</param>
/// <param name="DModel">Width of the residual stream.</param>
/// <param name="Heads">Query heads; a multiple of <paramref name="KvHeads"/>.</param>
/// <param name="KvHeads">Key and value heads.</param>
/// <param name="HeadDim">Width of one head; even, because rotary positions turn pairs.</param>
/// <param name="Ffn">Inner width of the SwiGLU block.</param>
/// <param name="Vocab">Number of tokens, at least <see cref="ByteTokens.Count"/>.</param>
/// <param name="Context">Longest sequence in tokens: the length of the rotary tables.</param>
/// <param name="RopeTheta">Base of the rotary frequencies.</param>
/// <param name="RmsEps">Added to the mean square before the root.</param>
public sealed record LlamaConfig(
    int Layers,
    int DModel,
    int Heads,
    int KvHeads,
    int HeadDim,
    int Ffn,
    int Vocab = ByteTokens.Count,
    int Context = 512,
    float RopeTheta = 10_000f,
    float RmsEps = 1e-5f)
{
    /// <summary>Query heads that share one key and value head.</summary>
    public int HeadsPerKv => Heads / KvHeads;

    /// <summary>Width of all query heads together.</summary>
    public int QueryWidth => Heads * HeadDim;

    /// <summary>Width of all key (or value) heads together.</summary>
    public int KvWidth => KvHeads * HeadDim;

    /// <summary>Returns this, or throws <see cref="ArgumentException"/> naming the dimension that cannot work.</summary>
    public LlamaConfig Checked()
    {
        int[] sizes = [Layers, DModel, Heads, KvHeads, HeadDim, Ffn, Context];
        if (sizes.Any(size => size is < 1 or > 1 << 20))
            throw new ArgumentException($"Every dimension must lie in 1..{1 << 20}: {this}.");
        if (Heads % KvHeads != 0)
            throw new ArgumentException($"heads ({Heads}) must be a multiple of kv-heads ({KvHeads}).");
        if (HeadDim % 2 != 0)
            throw new ArgumentException($"head-dim ({HeadDim}) must be even.");
        if (Vocab is < ByteTokens.Count or > 1 << 24)
            throw new ArgumentException($"vocab ({Vocab}) must be at least {ByteTokens.Count}: the byte tokenizer's tokens.");
        return this;
    }
}
