using System.Collections.Concurrent;

namespace Orchestrator.Local;

/// <summary>Keeps child processes running: one that ends by itself is started again after a growing pause.</summary>
public sealed class ProcessSupervisor(TimeProvider time) : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan LongestPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan StopGrace = TimeSpan.FromSeconds(8);

    private readonly ConcurrentDictionary<string, ChildProcess> running = new();
    private readonly ConcurrentBag<Task> loops = [];
    private readonly CancellationTokenSource stop = new();

    /// <summary>Called after a child that ended by itself was started again.</summary>
    public event Action<string>? Restarted;

    /// <summary>Names and process ids of what runs now.</summary>
    public IReadOnlyDictionary<string, int> Running => running.ToDictionary(p => p.Key, p => p.Value.Id);

    /// <summary>Starts a child, waits until it is ready, and keeps it running from then on. Returns its ready line.</summary>
    /// <exception cref="InvalidOperationException">It ended before it was ready.</exception>
    public async Task<string> StartAsync(ProcessSpec spec, CancellationToken cancel)
    {
        var child = ChildProcess.Start(spec);
        running[spec.Name] = child;
        string line = await child.WaitReadyAsync(cancel);
        loops.Add(KeepRunningAsync(child));
        return line;
    }

    /// <summary>Kills a child as a crash would; it is started again.</summary>
    /// <exception cref="KeyNotFoundException">No child has that name.</exception>
    public void Kill(string name) => running[name].Kill();

    /// <summary>Stops all children: nodes first, what they depend on last.</summary>
    public async Task StopAsync()
    {
        await stop.CancelAsync();
        await Task.WhenAll(loops);
        foreach (var wave in running.Values.GroupBy(c => StopOrder(c.Spec.Name)).OrderBy(g => g.Key))
            await Task.WhenAll(wave.Select(c => c.StopAsync(StopGrace, time)));
        foreach (var child in running.Values)
            await child.DisposeAsync();
        running.Clear();
    }

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        if (!stop.IsCancellationRequested)
            await StopAsync();
        stop.Dispose();
    }

    private static int StopOrder(string name) => name switch
    {
        LocalNetwork.SidecarName => 2,
        LocalNetwork.ControlPlaneName or LocalNetwork.ActorsName or LocalNetwork.RelayName => 1,
        _ when name.StartsWith(LocalGateway.AppId, StringComparison.Ordinal) => 1,
        _ => 0,
    };

    private async Task KeepRunningAsync(ChildProcess child)
    {
        var pause = FirstPause;
        try
        {
            while (true)
            {
                await child.WaitExitAsync(stop.Token);
                await child.DisposeAsync();
                await Task.Delay(pause, time, stop.Token);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
                child = ChildProcess.Start(child.Spec);
                running[child.Spec.Name] = child;
                try
                {
                    await child.WaitReadyAsync(stop.Token);
                    pause = FirstPause;
                    Restarted?.Invoke(child.Spec.Name);
                }
                catch (InvalidOperationException)
                {
                    // It ended before it was ready: the next turn of the loop waits longer and tries again.
                }
            }
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
        }
    }
}
