namespace Orchestrator.Sidecar.Actors;

/// <summary>
/// One turn at a time, first come first served. A call that carries the reentrancy id of the running turn enters at
/// once, up to a depth.
/// </summary>
internal sealed class TurnLock
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiting = new();
    private string? _holder;
    private int _depth;

    public bool IsBusy
    {
        get
        {
            lock (_gate)
            {
                return _depth > 0;
            }
        }
    }

    /// <summary>True when the running turn is not nested in itself.</summary>
    public bool IsOutermost
    {
        get
        {
            lock (_gate)
            {
                return _depth == 1;
            }
        }
    }

    /// <summary>Enters the turn of <paramref name="id"/>; leave it with <see cref="Exit"/>.</summary>
    /// <param name="id">Reentrancy id; unique per call when reentrancy is off.</param>
    /// <param name="deepest">Deepest nesting of one id.</param>
    /// <returns>false when the nesting is too deep.</returns>
    public async Task<bool> EnterAsync(string id, int deepest, CancellationToken stop)
    {
        Waiter waiter;
        lock (_gate)
        {
            if (_depth == 0 || _holder == id)
            {
                if (_depth >= deepest)
                {
                    return false;
                }
                _holder = id;
                _depth++;
                return true;
            }
            waiter = new Waiter(id);
            _waiting.AddLast(waiter);
        }
        await using (stop.UnsafeRegister(static s => ((Waiter)s!).TrySetCanceled(), waiter))
        {
            try
            {
                await waiter.Task;
                return true;
            }
            catch (OperationCanceledException)
            {
                lock (_gate)
                {
                    _waiting.Remove(waiter);
                }
                throw new OperationCanceledException(stop);
            }
        }
    }

    public void Exit()
    {
        lock (_gate)
        {
            if (--_depth > 0)
            {
                return;
            }
            _holder = null;
            while (_waiting.First is { } first)
            {
                _waiting.RemoveFirst();
                _holder = first.Value.Id;
                _depth = 1;
                if (first.Value.TrySetResult())
                {
                    return;
                }
                _holder = null;
                _depth = 0;
            }
        }
    }

    private sealed class Waiter(string id) : TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public string Id => id;
    }
}
