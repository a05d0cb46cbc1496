namespace Orchestrator.Contracts;

/// <summary>How text becomes tokens, carried in the manifest.</summary>
/// <param name="Kind">Algorithm; <c>byte</c> is the only one this build knows.</param>
/// <param name="Special">Special tokens by role: <c>begin, system, user, assistant, end</c>.</param>
public sealed record TokenizerSpec(string Kind, IReadOnlyDictionary<string, int> Special)
{
    /// <summary>One token per UTF-8 byte (ids 0..255), special tokens above.</summary>
    public const string Byte = "byte";

    /// <summary>The bundled model's tokenizer.</summary>
    public static TokenizerSpec ByteDefault { get; } = new(Byte, new Dictionary<string, int>
    {
        ["begin"] = 256,
        ["user"] = 257,
        ["assistant"] = 258,
        ["end"] = 259,
        ["system"] = 260,
    });
}
