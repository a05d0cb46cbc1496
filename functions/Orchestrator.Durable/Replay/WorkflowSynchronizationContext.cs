namespace Orchestrator.Durable.Replay;

/// <summary>
/// Runs a workflow's continuations one after another on the thread of the current turn. A continuation posted from anywhere else belongs to
/// an await that replay cannot repeat: it is not run, and <see cref="SteppedOut"/> is set for good.
/// </summary>
sealed class WorkflowSynchronizationContext(Action steppedOut) : SynchronizationContext
{
    readonly Queue<(SendOrPostCallback Callback, object? State)> _work = new();
    int _turnThread;
    int _steppedOut;

    public bool SteppedOut => Volatile.Read(ref _steppedOut) != 0;

    public bool IsOnTurn => Volatile.Read(ref _turnThread) == Environment.CurrentManagedThreadId && Current == this;

    /// <summary>Makes the calling thread the turn's thread while <paramref name="turn"/> runs.</summary>
    public void Run(Action turn)
    {
        var outer = Current;
        SetSynchronizationContext(this);
        Volatile.Write(ref _turnThread, Environment.CurrentManagedThreadId);
        try
        {
            turn();
        }
        finally
        {
            Volatile.Write(ref _turnThread, 0);
            SetSynchronizationContext(outer);
        }
    }

    /// <summary>Runs what is queued until nothing is.</summary>
    public void Pump()
    {
        while (_work.TryDequeue(out var item))
        {
            item.Callback(item.State);
        }
    }

    public void StepOut()
    {
        if (Interlocked.Exchange(ref _steppedOut, 1) == 0)
        {
            steppedOut();
        }
    }

    public override void Post(SendOrPostCallback d, object? state)
    {
        if (Volatile.Read(ref _turnThread) == Environment.CurrentManagedThreadId)
        {
            _work.Enqueue((d, state));
        }
        else
        {
            StepOut();
        }
    }

    public override void Send(SendOrPostCallback d, object? state) =>
        throw new NotSupportedException("Workflow code runs one continuation after another; nothing can be sent into it.");

    public override SynchronizationContext CreateCopy() => this;
}
