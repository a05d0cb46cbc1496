using System.Text;

namespace Orchestrator.Contracts;

/// <summary>
/// Turns drawn tokens into text piece by piece. A piece has whole code points only and nothing that may yet turn out to be part of a
/// stop sequence; the pieces together equal the UTF-8 decoding of all bytes, cut before the first stop sequence.
/// </summary>
public sealed class AnswerText(ITokenizer tokenizer, IReadOnlyList<string> stops)
{
    private readonly Decoder decoder = Encoding.UTF8.GetDecoder();
    private readonly StringBuilder text = new();
    private readonly int longest = stops.Count == 0 ? 0 : stops.Max(s => s.Length);
    private int released;

    /// <summary>Whether a stop sequence was met.</summary>
    public bool Stopped { get; private set; }

    /// <summary>All text that was released.</summary>
    public string Released => text.ToString(0, released);

    /// <summary>Adds a token; the text that became certain.</summary>
    public string Append(int token) => Append(tokenizer.Bytes(token).Span, flush: false);

    /// <summary>Ends the answer; the text that was held back.</summary>
    public string Finish() => Stopped ? "" : Append([], flush: true);

    private string Append(ReadOnlySpan<byte> bytes, bool flush)
    {
        int before = text.Length;
        Span<char> chars = stackalloc char[256];
        for (bool completed = false; !completed;)
        {
            decoder.Convert(bytes, chars, flush, out int used, out int made, out completed);
            text.Append(chars[..made]);
            bytes = bytes[used..];
        }

        int stop = FirstStop(Math.Max(released, before - longest + 1));
        Stopped = stop >= 0;
        int end = Stopped ? stop : flush ? text.Length : text.Length - HeldBack();
        string piece = text.ToString(released, end - released);
        released = end;
        return piece;
    }

    private int FirstStop(int from)
    {
        if (longest == 0 || text.Length == from)
            return -1;
        string tail = text.ToString(from, text.Length - from);
        int first = -1;
        foreach (string stop in stops)
        {
            int at = tail.IndexOf(stop, StringComparison.Ordinal);
            if (at >= 0 && (first < 0 || from + at < first))
                first = from + at;
        }

        return first;
    }

    /// <summary>Length of the longest end of the text that begins a stop sequence.</summary>
    private int HeldBack()
    {
        int most = Math.Min(longest - 1, text.Length - released);
        if (most <= 0)
            return 0;
        string tail = text.ToString(text.Length - most, most);
        for (int length = most; length > 0; length--)
        {
            var end = tail.AsSpan(most - length);
            foreach (string stop in stops)
            {
                if (stop.Length > length && stop.AsSpan().StartsWith(end, StringComparison.Ordinal))
                    return length;
            }
        }

        return 0;
    }
}
