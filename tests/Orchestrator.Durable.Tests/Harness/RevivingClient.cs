using Orchestrator.Durable.Engine;

namespace Orchestrator.Durable.Tests.Harness;

/// <summary>A caller that outlives engine crashes and asks again, knowing only what a real caller would: whether it got an answer.</summary>
sealed class RevivingClient(EmbeddedHost host) : IWorkflowClient
{
    public Task<ScheduleOutcome> ScheduleAsync(
        string name, object? input, string instanceId, ScheduleOptions? options = null, CancellationToken cancellationToken = default) =>
        AskAsync(
            c => c.ScheduleAsync(name, input, instanceId, options, cancellationToken),
            crash => crash.Point == CrashPoint.ScheduleCommitted ? ScheduleOutcome.Created : null);

    // A caller cannot know whether an event it got no answer for was committed, and events are not deduplicated; the harness can.
    public Task<RaiseOutcome> RaiseEventAsync(
        string instanceId, string name, object? payload = null, CancellationToken cancellationToken = default) =>
        AskAsync(
            c => c.RaiseEventAsync(instanceId, name, payload, cancellationToken),
            crash => crash.Point == CrashPoint.EventCommitted ? RaiseOutcome.Accepted : null);

    public Task<bool> TerminateAsync(string instanceId, string reason, CancellationToken cancellationToken = default) =>
        AskAsync<bool>(
            c => c.TerminateAsync(instanceId, reason, cancellationToken),
            crash => crash.Point == CrashPoint.EventCommitted ? true : null);

    public Task<bool> PurgeAsync(string instanceId, CancellationToken cancellationToken = default) =>
        AskAsync<bool>(c => c.PurgeAsync(instanceId, cancellationToken), _ => null);

    public async Task<WorkflowState?> GetAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var engine = host.Engine;
            try
            {
                return await engine.Client.GetAsync(instanceId, cancellationToken);
            }
            catch (ObjectDisposedException)
            {
                await host.NextAsync(engine);
            }
        }
    }

    public async Task<WorkflowState> WaitForCompletionAsync(string instanceId, CancellationToken cancellationToken = default)
    {
        while (true)
        {
            var engine = host.Engine;
            using var either = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
            var finished = engine.Client.WaitForCompletionAsync(instanceId, either.Token);
            if (await Task.WhenAny(finished, engine.Crashed) == finished && !engine.Crashed.IsCompleted)
            {
                return await finished;
            }
            await either.CancelAsync();
            await Task.WhenAny(finished);
            await host.NextAsync(engine);
        }
    }

    public IAsyncEnumerable<WorkflowState> ListAsync(WorkflowQuery? query = null, CancellationToken cancellationToken = default) =>
        host.Engine.Client.ListAsync(query, cancellationToken);

    async Task<T> AskAsync<T>(Func<IWorkflowClient, Task<T>> ask, Func<SimulatedCrashException, T?> known) where T : struct
    {
        while (true)
        {
            var engine = host.Engine;
            try
            {
                return await ask(engine.Client);
            }
            catch (SimulatedCrashException crash) when (known(crash) is { } answer)
            {
                return answer;
            }
            catch (Exception error) when (error is SimulatedCrashException or ObjectDisposedException)
            {
                await host.NextAsync(engine);
            }
        }
    }
}
