using Microsoft.DurableTask.Client;

namespace Orchestrator.Functions.Durable;

/// <summary>
/// The client that Durable Functions hands to functions by their binding; there is no other way to get one. Whoever works outside of a function, such as the
/// sweep of old jobs, waits for the first function to have run: the readiness probe is one.
/// </summary>
internal sealed class DurableClientSource
{
    private readonly TaskCompletionSource first = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private volatile DurableTaskClient? latest;

    /// <summary>Takes the client of an invocation.</summary>
    public void Offer(DurableTaskClient client)
    {
        latest = client;
        first.TrySetResult();
    }

    /// <summary>The client offered last.</summary>
    public async ValueTask<DurableTaskClient> GetAsync(CancellationToken cancel)
    {
        if (latest is null)
            await first.Task.WaitAsync(cancel).ConfigureAwait(false);
        return latest!;
    }
}
