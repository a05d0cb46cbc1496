namespace Orchestrator.Trainer.Llama;

/// <summary>
/// The byte-level vocabulary: ids 0..255 are the bytes of UTF-8 text, the next five mark the turns of a chat, and the rest up to
/// <see cref="Count"/> is unused padding.
/// </summary>
public static class ByteTokens
{
    public const int Begin = 256;
    public const int User = 257;
    public const int Assistant = 258;
    public const int End = 259;
    public const int System = 260;

    /// <summary>Size of the vocabulary, a multiple of eight.</summary>
    public const int Count = 264;

    /// <summary>The special tokens by the text that stands for them.</summary>
    public static IReadOnlyDictionary<string, int> Special { get; } = new SortedDictionary<string, int>(StringComparer.Ordinal)
    {
        ["<|begin|>"] = Begin,
        ["<|user|>"] = User,
        ["<|assistant|>"] = Assistant,
        ["<|end|>"] = End,
        ["<|system|>"] = System,
    };
}
