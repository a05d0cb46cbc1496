namespace Orchestrator.Durable.Engine;

/// <summary>Counts running work so that a stop can wait for it and let none in.</summary>
sealed class WorkCounter
{
    readonly TaskCompletionSource _empty = new(TaskCreationOptions.RunContinuationsAsynchronously);
    readonly Lock _gate = new();
    int _count;
    bool _closed;

    public bool TryEnter()
    {
        lock (_gate)
        {
            _count += _closed ? 0 : 1;
            return !_closed;
        }
    }

    public void Exit()
    {
        lock (_gate)
        {
            if (--_count == 0 && _closed)
            {
                _empty.TrySetResult();
            }
        }
    }

    public Task CloseAsync()
    {
        lock (_gate)
        {
            _closed = true;
            if (_count == 0)
            {
                _empty.TrySetResult();
            }
        }
        return _empty.Task;
    }
}
