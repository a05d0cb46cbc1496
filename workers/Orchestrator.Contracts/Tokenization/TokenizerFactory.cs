namespace Orchestrator.Contracts;

/// <summary>Makes the tokenizer a manifest names.</summary>
public static class TokenizerFactory
{
    /// <summary>The tokenizer for a specification.</summary>
    /// <exception cref="ArgumentException">The kind is unknown to this build.</exception>
    public static ITokenizer Create(TokenizerSpec spec) => new ByteTokenizer(spec);
}
