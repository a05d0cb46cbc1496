using System.Buffers;
using System.Globalization;
using System.Xml;

namespace Orchestrator.Sidecar.Time;

/// <summary>The duration spellings Dapr accepts: Go (<c>1h2m3s4ms</c>, fractions allowed) and ISO 8601 (<c>PT1.5S</c>).</summary>
internal static class DaprDuration
{
    private const int LongestText = 64;
    private static readonly SearchValues<char> Digits = SearchValues.Create("0123456789.");

    private static readonly (string Unit, decimal Ticks)[] Units =
    [
        ("ns", 0.01m), ("us", 10), ("µs", 10), ("ms", TimeSpan.TicksPerMillisecond),
        ("s", TimeSpan.TicksPerSecond), ("m", TimeSpan.TicksPerMinute), ("h", TimeSpan.TicksPerHour),
    ];

    public static bool TryParse(string? text, out TimeSpan value)
    {
        value = default;
        if (string.IsNullOrEmpty(text) || text.Length > LongestText)
        {
            return false;
        }
        return text[0] == 'P' ? TryParseIso(text, out value) : TryParseGo(text, out value);
    }

    private static bool TryParseIso(string text, out TimeSpan value)
    {
        try
        {
            // Dapr's SDK writes "P1DT" with nothing after the T, which XmlConvert refuses.
            value = XmlConvert.ToTimeSpan(text.EndsWith('T') ? text[..^1] : text);
            return value >= TimeSpan.Zero;
        }
        catch (Exception e) when (e is FormatException or OverflowException)
        {
            value = default;
            return false;
        }
    }

    private static bool TryParseGo(string text, out TimeSpan value)
    {
        value = default;
        var rest = text.AsSpan();
        var negative = rest[0] == '-';
        if (rest[0] is '-' or '+')
        {
            rest = rest[1..];
        }
        if (rest.SequenceEqual("0"))
        {
            return true;
        }
        if (rest.IsEmpty)
        {
            return false;
        }
        decimal ticks = 0;
        while (!rest.IsEmpty)
        {
            var digits = rest.IndexOfAnyExcept(Digits);
            if (digits <= 0 || !decimal.TryParse(rest[..digits], NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var number))
            {
                return false;
            }
            rest = rest[digits..];
            var end = rest.IndexOfAny(Digits);
            var unit = end < 0 ? rest : rest[..end];
            var scale = ScaleOf(unit);
            if (scale is null || number > TimeSpan.MaxValue.Ticks / scale.Value)
            {
                return false;
            }
            ticks += number * scale.Value;
            rest = rest[unit.Length..];
        }
        if (ticks > TimeSpan.MaxValue.Ticks / 2)
        {
            return false;
        }
        value = TimeSpan.FromTicks((long)(negative ? -ticks : ticks));
        return true;
    }

    private static decimal? ScaleOf(ReadOnlySpan<char> unit)
    {
        foreach (var (name, ticks) in Units)
        {
            if (unit.SequenceEqual(name))
            {
                return ticks;
            }
        }
        return null;
    }
}
