using System.Text;

namespace Orchestrator.Contracts;

/// <summary>
/// One token per UTF-8 byte. A conversation is <c>begin, (role, bytes…, end?)…, assistant</c>, where only assistant turns carry <c>end</c>.
/// </summary>
public sealed class ByteTokenizer : ITokenizer
{
    private static readonly byte[][] Single = [.. Enumerable.Range(0, 256).Select(b => new[] { (byte)b })];

    private readonly IReadOnlyDictionary<string, int> special;

    /// <summary>Reads the special tokens of a <c>byte</c> tokenizer.</summary>
    /// <exception cref="ArgumentException">The kind is another, or a special token is missing or below 256.</exception>
    public ByteTokenizer(TokenizerSpec spec)
    {
        if (spec.Kind != TokenizerSpec.Byte)
            throw new ArgumentException($"Unknown tokenizer kind '{spec.Kind}'; this build knows '{TokenizerSpec.Byte}'.", nameof(spec));
        foreach (string role in TokenizerSpec.ByteDefault.Special.Keys)
        {
            if (!spec.Special.TryGetValue(role, out int id) || id is < 256 or > 65_535)
                throw new ArgumentException($"The byte tokenizer needs a special token '{role}' in 256..65535.", nameof(spec));
        }

        special = spec.Special;
        EndToken = special["end"];
        VocabularySize = special.Values.Max() + 1;
    }

    /// <inheritdoc />
    public int VocabularySize { get; }

    /// <inheritdoc />
    public int EndToken { get; }

    /// <inheritdoc />
    public int[] Encode(Prompt prompt)
    {
        if (prompt.Text is null == prompt.Messages is null)
            throw new ArgumentException("A prompt is either text or messages.", nameof(prompt));
        List<int> tokens = [special["begin"]];
        if (prompt.Text is { } text)
            Append(tokens, text);
        foreach (var message in prompt.Messages ?? [])
            AppendTurn(tokens, message);
        if (prompt.Messages is not null)
            tokens.Add(special["assistant"]);
        return [.. tokens];
    }

    /// <inheritdoc />
    public ReadOnlyMemory<byte> Bytes(int token) => (uint)token < 256 ? Single[token] : ReadOnlyMemory<byte>.Empty;

    private void AppendTurn(List<int> tokens, ChatMessage message)
    {
        if (message.Role is not ("system" or "user" or "assistant"))
            throw new ArgumentException($"Unknown role '{message.Role}'; use system, user or assistant.", nameof(message));
        tokens.Add(special[message.Role]);
        Append(tokens, message.Content);
        if (message.Role == "assistant")
            tokens.Add(EndToken);
    }

    private static void Append(List<int> tokens, string text)
    {
        foreach (byte b in Encoding.UTF8.GetBytes(text))
            tokens.Add(b);
    }
}
