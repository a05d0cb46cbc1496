using Orchestrator.Durable.History;

namespace Orchestrator.Durable.Replay;

/// <summary>Events nobody has waited for yet, in the order they came; names compare without case.</summary>
sealed class EventBuffer
{
    readonly List<EventRaised> _events = [];

    public IReadOnlyList<EventRaised> All => _events;

    public void Add(EventRaised raised) => _events.Add(raised);

    public EventRaised? TakeFirst(string name)
    {
        var index = _events.FindIndex(e => string.Equals(e.Name, name, StringComparison.OrdinalIgnoreCase));
        if (index < 0)
        {
            return null;
        }
        var found = _events[index];
        _events.RemoveAt(index);
        return found;
    }
}
