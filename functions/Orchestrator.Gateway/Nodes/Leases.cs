using Orchestrator.Gateway.Platform;

namespace Orchestrator.Gateway.Nodes;

/// <summary>The deliveries of one stream that wait to be settled. A number is used once, so a late or repeated answer finds nothing.</summary>
internal sealed class Leases
{
    private readonly Lock gate = new();
    private readonly Dictionary<ulong, TaskCompletionSource<Outcome>> open = [];
    private TaskCompletionSource idle = Done();
    private ulong last;

    /// <summary>A new lease and the answer that will come.</summary>
    public (ulong Number, Task<Outcome> Answer) Open()
    {
        lock (gate)
        {
            if (open.Count == 0)
                idle = new(TaskCreationOptions.RunContinuationsAsynchronously);
            var answer = new TaskCompletionSource<Outcome>(TaskCreationOptions.RunContinuationsAsynchronously);
            open[++last] = answer;
            return (last, answer.Task);
        }
    }

    /// <summary>The node's answer; false when nothing waits for it.</summary>
    public bool Settle(ulong number, Outcome outcome)
    {
        lock (gate)
            return open.TryGetValue(number, out var answer) && answer.TrySetResult(outcome);
    }

    /// <summary>The lease is over, settled or not.</summary>
    public void Close(ulong number)
    {
        lock (gate)
        {
            open.Remove(number);
            if (open.Count == 0)
                idle.TrySetResult();
        }
    }

    /// <summary>Completes when nothing waits.</summary>
    public Task WhenIdleAsync()
    {
        lock (gate)
            return idle.Task;
    }

    private static TaskCompletionSource Done()
    {
        var done = new TaskCompletionSource();
        done.SetResult();
        return done;
    }
}
