namespace Orchestrator.Worker.Tests.Network;

/// <summary>Stops a pass at a stage until the test lets it go on.</summary>
internal sealed class Gate : IDisposable
{
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ManualResetEventSlim open = new();

    /// <summary>Closes the gate in front of the first decode pass of a loader.</summary>
    public static Gate AtDecode(ScriptedLoader loader, int position)
    {
        var gate = new Gate();
        loader.BeforePass = (_, at) =>
        {
            if (at >= position)
                gate.Wait();
        };
        return gate;
    }

    public Task ReachedAsync() => reached.Task.WaitAsync(TestNetwork.Patience);

    public void Open() => open.Set();

    public void Dispose() => Open();

    private void Wait()
    {
        reached.TrySetResult();
        open.Wait(TestNetwork.Patience);
    }
}
