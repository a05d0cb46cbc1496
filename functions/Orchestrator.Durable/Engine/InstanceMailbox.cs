using Orchestrator.Durable.Journal;
using Orchestrator.Durable.Replay;

namespace Orchestrator.Durable.Engine;

/// <summary>What is known in memory of one instance: messages not yet taken, and its code if it is kept between turns. One turn at a time.</summary>
sealed class InstanceMailbox(string instanceId)
{
    readonly Lock _gate = new();
    readonly Queue<Envelope> _memory = new();
    bool _mail;
    bool _running;
    bool _closed;

    public string InstanceId { get; } = instanceId;

    /// <summary>The live code and the row it stands at; both or neither. Touched only by the running turn, or under the gate when none runs.</summary>
    public (WorkflowExecution Execution, InstanceRow Row)? Live { get; set; }

    /// <summary>Where the cache keeps this; guarded by the cache.</summary>
    public LinkedListNode<InstanceMailbox>? CacheNode { get; set; }

    /// <summary>False when closed: look the mailbox up again. <paramref name="wake"/> tells the caller to start taking.</summary>
    /// <param name="envelope">A message held in memory only, or null to look into the inbox on disk.</param>
    public bool TryPost(Envelope? envelope, out bool wake)
    {
        lock (_gate)
        {
            wake = !_running && !_closed;
            if (_closed)
            {
                return false;
            }
            _running = true;
            if (envelope is null)
            {
                _mail = true;
            }
            else
            {
                _memory.Enqueue(envelope);
            }
            return true;
        }
    }

    /// <summary>False when there is nothing left: the turn loop ends, and the next post wakes it again.</summary>
    public bool TryTake(int max, out List<Envelope> memory, out bool mail)
    {
        lock (_gate)
        {
            memory = [];
            while (memory.Count < max && _memory.TryDequeue(out var envelope))
            {
                memory.Add(envelope);
            }
            mail = _mail && memory.Count < max;
            _mail &= !mail;
            return _running = memory.Count > 0 || mail;
        }
    }

    /// <summary>Drops the live code unless a turn is running.</summary>
    public void TryForget()
    {
        lock (_gate)
        {
            if (!_running)
            {
                Live = null;
            }
        }
    }

    /// <summary>True once, when nothing is worth keeping: the mailbox is then closed for good.</summary>
    public bool TryClose()
    {
        lock (_gate)
        {
            return !_closed && (_closed = !_running && Live is null);
        }
    }
}
