using Orchestrator.Contracts.DataPlane;
using Orchestrator.Worker.Links;

namespace Orchestrator.Worker.Dispatch;

/// <summary>Opens that came before their assignment: kept a short while, few at a time. Not thread-safe.</summary>
public sealed class HeldOpens(TimeProvider time)
{
    /// <summary>How long an open waits for its assignment.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    /// <summary>Most opens held, over all links.</summary>
    public const int Most = 256;

    private readonly Dictionary<(UInt128 Session, int Stage), Held> held = [];

    /// <summary>Holds an open; false when there are too many or it is there already.</summary>
    public bool TryHold(Frame frame, PeerConnection from) =>
        held.Count < Most && held.TryAdd((frame.Header.Session, frame.Header.Stage), new Held(frame, from, time.GetTimestamp()));

    /// <summary>Takes the open of a session out; null when none is held.</summary>
    public Held? Take(UInt128 session, int stage) => held.Remove((session, stage), out var open) ? open : null;

    /// <summary>Takes out what has waited too long.</summary>
    public IReadOnlyList<Held> TakeExpired() => TakeAll(h => time.GetElapsedTime(h.Since) > Patience);

    /// <summary>Takes out what a link brought.</summary>
    public IReadOnlyList<Held> TakeFrom(PeerConnection link) => TakeAll(h => ReferenceEquals(h.From, link));

    private List<Held> TakeAll(Func<Held, bool> which)
    {
        var taken = held.Where(h => which(h.Value)).ToList();
        taken.ForEach(h => held.Remove(h.Key));
        return [.. taken.Select(h => h.Value)];
    }

    /// <summary>One held open.</summary>
    public sealed record Held(Frame Frame, PeerConnection From, long Since);
}
