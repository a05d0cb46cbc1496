using System.Buffers;

namespace Orchestrator.Contracts;

/// <summary>RFC 4648 base32, lower case, without padding.</summary>
internal static class Base32
{
    private const string Digits = "abcdefghijklmnopqrstuvwxyz234567";

    internal static readonly SearchValues<char> Alphabet = SearchValues.Create(Digits);

    internal static string Encode(ReadOnlySpan<byte> bytes)
    {
        Span<char> text = stackalloc char[(bytes.Length * 8 + 4) / 5];
        int buffer = 0, bits = 0, length = 0;
        foreach (byte b in bytes)
        {
            buffer = (buffer << 8) | b;
            for (bits += 8; bits >= 5; bits -= 5)
                text[length++] = Digits[(buffer >> (bits - 5)) & 31];
            buffer &= (1 << bits) - 1;
        }

        if (bits > 0)
            text[length++] = Digits[(buffer << (5 - bits)) & 31];
        return new string(text[..length]);
    }
}
