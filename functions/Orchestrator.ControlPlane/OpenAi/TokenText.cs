using System.Text;
using System.Text.Unicode;
using Orchestrator.Contracts;

namespace Orchestrator.ControlPlane.OpenAi;

/// <summary>How single tokens are shown in log-probabilities.</summary>
public sealed class TokenText(ITokenizer tokenizer)
{
    /// <summary>The token's text; <c>bytes:\xNN…</c> when it is no whole text by itself, <c>&lt;|id|&gt;</c> when it stands for none.</summary>
    public string Of(int token)
    {
        var bytes = tokenizer.Bytes(token).Span;
        if (bytes.IsEmpty)
            return $"<|{token}|>";
        if (Utf8.IsValid(bytes))
            return Encoding.UTF8.GetString(bytes);
        var text = new StringBuilder("bytes:");
        foreach (byte b in bytes)
            text.Append("\\x").Append(b.ToString("x2"));
        return text.ToString();
    }

    /// <summary>The token's bytes.</summary>
    public IReadOnlyList<int> Bytes(int token)
    {
        var bytes = tokenizer.Bytes(token).Span;
        int[] values = new int[bytes.Length];
        for (int i = 0; i < values.Length; i++)
            values[i] = bytes[i];
        return values;
    }
}
