using System.Runtime.InteropServices;

namespace Orchestrator.Cli;

/// <summary>What ends a command that runs until it is stopped.</summary>
public static class StopSignal
{
    /// <summary>Completes at Ctrl-C, at SIGTERM, or when cancelled.</summary>
    public static async Task WaitAsync(CancellationToken cancel)
    {
        var stop = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        using var term = PosixSignalRegistration.Create(PosixSignal.SIGTERM, context => { context.Cancel = true; stop.TrySetResult(); });
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context => { context.Cancel = true; stop.TrySetResult(); });
        await using var registration = cancel.Register(() => stop.TrySetResult());
        await stop.Task;
    }
}
