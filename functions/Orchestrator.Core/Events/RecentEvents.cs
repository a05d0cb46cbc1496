using System.Collections.Immutable;

namespace Orchestrator.Core.Events;

/// <summary>
/// The ids of events already applied, in bounded memory. An id is remembered until its time of issue falls behind
/// <see cref="Horizon"/>; an unknown event issued at or before the horizon is refused, since it may be a forgotten repeat. So an event is
/// never applied twice, however late it is repeated; the window only bounds how late a first delivery may be.
/// The horizon trails the clock by the retention, in steps, and moves early when more than the capacity is remembered. It never moves back.
/// </summary>
/// <param name="Horizon">Events issued at or before it are no longer told apart.</param>
/// <param name="Issued">Time of issue by event id, all after the horizon.</param>
public sealed record RecentEvents(DateTimeOffset Horizon, ImmutableDictionary<string, DateTimeOffset> Issued)
{
    /// <summary>Default retention: longer than any outage a workflow is expected to sleep through.</summary>
    public static readonly TimeSpan Retention = TimeSpan.FromDays(7);

    /// <summary>How far the horizon lags at most, so that not every event looks through all that are remembered.</summary>
    private static readonly TimeSpan Step = TimeSpan.FromHours(1);

    /// <summary>Most ids remembered; about 100 bytes each in the stored document.</summary>
    public const int Capacity = 8192;

    /// <summary>Nothing applied yet.</summary>
    public static RecentEvents None { get; } = new(DateTimeOffset.MinValue, ImmutableDictionary<string, DateTimeOffset>.Empty);

    /// <summary>Whether an event may be applied.</summary>
    public Freshness Check(string id, DateTimeOffset issuedAt) =>
        Issued.ContainsKey(id) ? Freshness.Duplicate
        : issuedAt <= Horizon ? Freshness.TooOld
        : Freshness.New;

    /// <summary>Remembers an event that <see cref="Check"/> called new, and forgets what the window no longer holds.</summary>
    public RecentEvents Remember(string id, DateTimeOffset issuedAt, DateTimeOffset now) => Remember(id, issuedAt, now, Retention);

    /// <summary>The same with another retention, for events that may be first delivered later than usual.</summary>
    public RecentEvents Remember(string id, DateTimeOffset issuedAt, DateTimeOffset now, TimeSpan retention)
    {
        var issued = Issued.SetItem(id, issuedAt);
        var trailing = Back(now, retention);
        var horizon = trailing > Horizon && trailing - Horizon >= Step ? trailing : Horizon;
        if (issued.Count > Capacity)
        {
            // A quarter at once, so that a full window is not sorted on every event.
            var oldest = issued.Values.Order().ElementAt(Capacity / 4);
            horizon = Later(horizon, oldest);
        }

        return horizon == Horizon ? this with { Issued = issued } : new(horizon, issued.RemoveRange(issued.Where(e => e.Value <= horizon).Select(e => e.Key)));
    }

    private static DateTimeOffset Later(DateTimeOffset a, DateTimeOffset b) => a > b ? a : b;

    private static DateTimeOffset Back(DateTimeOffset now, TimeSpan span) => now - DateTimeOffset.MinValue > span ? now - span : DateTimeOffset.MinValue;
}

/// <summary>Whether an event is news.</summary>
public enum Freshness
{
    /// <summary>Not applied before.</summary>
    New,

    /// <summary>Applied before.</summary>
    Duplicate,

    /// <summary>Issued so long ago that it cannot be told whether it was applied.</summary>
    TooOld,
}
