namespace Orchestrator.Contracts;

/// <summary>Turns prompts into tokens and tokens into bytes. Stateless and thread-safe.</summary>
public interface ITokenizer
{
    /// <summary>Number of token ids; valid ids are 0 to one less.</summary>
    int VocabularySize { get; }

    /// <summary>The token that ends an answer.</summary>
    int EndToken { get; }

    /// <summary>Tokens of a prompt, including the turn markers that make the model answer.</summary>
    /// <exception cref="ArgumentException">The prompt has neither or both forms, or an unknown role.</exception>
    int[] Encode(Prompt prompt);

    /// <summary>The bytes a token stands for; empty for special tokens. May be a part of a UTF-8 sequence.</summary>
    ReadOnlyMemory<byte> Bytes(int token);
}
