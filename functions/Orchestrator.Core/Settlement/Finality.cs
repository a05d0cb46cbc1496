using System.Collections.Immutable;
using Orchestrator.Contracts;
using Orchestrator.Core.Disputes;

namespace Orchestrator.Core.Settlement;

/// <summary>Where an answer stands. Nobody is paid for it before it is final, and nobody at all when it is overturned.</summary>
public enum Finality
{
    /// <summary>Delivered; may still be challenged, or is.</summary>
    Provisional,

    /// <summary>It stands: settle.</summary>
    Final,

    /// <summary>A dispute proved it wrong: refund.</summary>
    Overturned,
}

/// <summary>
/// The challenge window of one answer as a pure state machine: it becomes final when the window is over and no dispute is open, and overturned with the
/// first dispute that is lost by a defender. A dispute that ends void opens the window again for a while, a few times, since its receipt is as open as before.
/// </summary>
/// <param name="State">Where it stands; anything but provisional stays.</param>
/// <param name="Clock">The latest time seen.</param>
/// <param name="WindowEnds">Until when it may be challenged.</param>
/// <param name="Open">Disputes going on.</param>
/// <param name="Closed">Disputes that ended.</param>
/// <param name="Reopened">How often a void dispute opened the window again.</param>
public sealed record ChallengeWindow(
    Finality State, DateTimeOffset Clock, DateTimeOffset WindowEnds, ImmutableHashSet<DisputeId> Open, ImmutableHashSet<DisputeId> Closed, int Reopened)
{
    /// <summary>Most disputes about one answer.</summary>
    public const int MaxDisputes = 64;

    /// <summary>How often void disputes open the window again at most.</summary>
    public const int MaxReopened = 3;

    /// <summary>Opens the window of an answer.</summary>
    /// <param name="now">When it was delivered.</param>
    /// <param name="length">How long it may be challenged; 0 when only disputes that the platform opens at once hold it up.</param>
    public static ChallengeWindow Begin(DateTimeOffset now, TimeSpan length)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(length, TimeSpan.Zero);
        return new(Finality.Provisional, now, now + length, [], [], 0);
    }

    /// <summary>Adds a dispute; refused (false) once the window is over or the answer is decided, or when it has too many.</summary>
    public (ChallengeWindow Window, bool Accepted) Challenge(DisputeId dispute, DateTimeOffset now)
    {
        var window = Tick(now);
        if (window.Open.Contains(dispute) || window.Closed.Contains(dispute))
            return (window, true);
        return window.State != Finality.Provisional || window.Clock >= window.WindowEnds || window.Open.Count + window.Closed.Count >= MaxDisputes
            ? (window, false)
            : (window with { Open = window.Open.Add(dispute) }, true);
    }

    /// <summary>Closes a dispute; unknown or closed ones change nothing.</summary>
    /// <param name="dispute">Which.</param>
    /// <param name="outcome">How it ended.</param>
    /// <param name="reopen">For how long a void dispute opens the window again.</param>
    /// <param name="now">The time.</param>
    public ChallengeWindow Resolve(DisputeId dispute, DisputeOutcome outcome, TimeSpan reopen, DateTimeOffset now)
    {
        var window = Tick(now);
        if (!window.Open.Contains(dispute) || window.State != Finality.Provisional)
            return window;
        window = window with { Open = window.Open.Remove(dispute), Closed = window.Closed.Add(dispute) };
        if (outcome == DisputeOutcome.Overturned)
            return window with { State = Finality.Overturned };
        var again = window.Clock + reopen;
        if (outcome == DisputeOutcome.Void && window.Reopened < MaxReopened)
            window = window with { Reopened = window.Reopened + 1, WindowEnds = again > window.WindowEnds ? again : window.WindowEnds };
        return window.Tick(now);
    }

    /// <summary>Lets time pass.</summary>
    public ChallengeWindow Tick(DateTimeOffset now)
    {
        if (State != Finality.Provisional)
            return this;
        var clock = now > Clock ? now : Clock;
        bool final = clock >= WindowEnds && Open.IsEmpty;
        return clock == Clock && !final ? this : this with { Clock = clock, State = final ? Finality.Final : Finality.Provisional };
    }
}
