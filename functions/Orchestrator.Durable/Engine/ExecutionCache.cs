namespace Orchestrator.Durable.Engine;

/// <summary>Least-recently-used bound on the instances whose code stays in memory between turns.</summary>
sealed class ExecutionCache(int capacity, Action<InstanceMailbox> evicted)
{
    readonly LinkedList<InstanceMailbox> _order = new();

    public void Touch(InstanceMailbox mailbox)
    {
        InstanceMailbox? oldest = null;
        lock (_order)
        {
            if (mailbox.CacheNode is { } node)
            {
                _order.Remove(node);
                _order.AddLast(node);
            }
            else
            {
                mailbox.CacheNode = _order.AddLast(mailbox);
            }
            if (_order.Count > capacity)
            {
                oldest = _order.First!.Value;
                Unlink(oldest);
            }
        }
        if (oldest is not null)
        {
            oldest.TryForget();
            evicted(oldest);
        }
    }

    public void Remove(InstanceMailbox mailbox)
    {
        lock (_order)
        {
            Unlink(mailbox);
        }
    }

    void Unlink(InstanceMailbox mailbox)
    {
        if (mailbox.CacheNode is { } node)
        {
            _order.Remove(node);
            mailbox.CacheNode = null;
        }
    }
}
