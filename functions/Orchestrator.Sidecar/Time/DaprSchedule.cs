using System.Globalization;

namespace Orchestrator.Sidecar.Time;

/// <summary>When a timer or reminder is due first, how often again, and when it ends.</summary>
/// <param name="Due">First tick.</param>
/// <param name="Every">Time between ticks; null for one tick only.</param>
/// <param name="Repetitions">Number of ticks; null for no limit.</param>
/// <param name="Until">No tick after this; null for no end.</param>
internal sealed record DaprSchedule(DateTimeOffset Due, TimeSpan? Every, int? Repetitions, DateTimeOffset? Until)
{
    /// <summary>Reads the <c>dueTime</c>, <c>period</c> and <c>ttl</c> of an actor timer or reminder.</summary>
    /// <returns>null with an error that names the field when one cannot be read.</returns>
    public static DaprSchedule? Parse(string? dueTime, string? period, string? ttl, DateTimeOffset now, out string error)
    {
        error = "";
        if (!TryPoint(dueTime, now, out var due))
        {
            error = $"dueTime '{dueTime}' is not a duration or an RFC 3339 time";
            return null;
        }
        if (!TryPeriod(period, out var every, out var repetitions))
        {
            error = $"period '{period}' is not a duration such as '10s', 'PT10S', '@every 10s' or 'R5/PT10S'";
            return null;
        }
        DateTimeOffset? until = null;
        if (!string.IsNullOrEmpty(ttl))
        {
            if (!TryPoint(ttl, due, out var end))
            {
                error = $"ttl '{ttl}' is not a duration or an RFC 3339 time";
                return null;
            }
            until = end;
        }
        return new DaprSchedule(due, every, repetitions, until);
    }

    /// <summary>The schedule after one tick, or null when that was the last.</summary>
    public DaprSchedule? AfterTick()
    {
        if (Every is not { } every || Repetitions <= 1)
        {
            return null;
        }
        var next = Due + every;
        return next > Until ? null : this with { Due = next, Repetitions = Repetitions - 1 };
    }

    private static bool TryPoint(string? text, DateTimeOffset from, out DateTimeOffset point)
    {
        point = from;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }
        if (DaprDuration.TryParse(text, out var delay))
        {
            if (delay > TimeSpan.Zero && delay < DateTimeOffset.MaxValue - from)
            {
                point = from + delay;
            }
            return delay < DateTimeOffset.MaxValue - from;
        }
        return text.Length <= 64
            && DateTimeOffset.TryParse(text, CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal | DateTimeStyles.RoundtripKind, out point);
    }

    private static bool TryPeriod(string? text, out TimeSpan? every, out int? repetitions)
    {
        every = null;
        repetitions = null;
        if (string.IsNullOrEmpty(text))
        {
            return true;
        }
        if (text.StartsWith("@every ", StringComparison.Ordinal))
        {
            text = text[7..];
        }
        if (text[0] == 'R')
        {
            var slash = text.IndexOf('/', StringComparison.Ordinal);
            var count = slash < 0 ? text[1..] : text[1..slash];
            if (count.Length > 0)
            {
                if (!int.TryParse(count, NumberStyles.None, CultureInfo.InvariantCulture, out var n) || n < 1)
                {
                    return false;
                }
                repetitions = n;
            }
            if (slash < 0)
            {
                return repetitions == 1;
            }
            text = text[(slash + 1)..];
            // The runtime's scheduler refuses days in a repeated period; being kinder here would hide it until production.
            if (text.Contains('D', StringComparison.Ordinal))
            {
                return false;
            }
        }
        if (!DaprDuration.TryParse(text, out var value))
        {
            return false;
        }
        // Negative means "once"; zero becomes the scheduler's smallest step.
        every = value < TimeSpan.Zero ? null : value < TimeSpan.FromMilliseconds(1) ? TimeSpan.FromMilliseconds(1) : value;
        return true;
    }
}
