using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Durable.Tests.Harness;

/// <summary>An engine under the contract: its client, its clock, and what its activities have done.</summary>
public abstract class ContractHost : IAsyncDisposable
{
    /// <summary>Longest wait in real time before a test gives up; far above what any needs.</summary>
    public static readonly TimeSpan Patience = TimeSpan.FromSeconds(60);

    public abstract IWorkflowClient Client { get; }

    /// <summary>Effects by idempotency key: what a deduplicating receiver would keep.</summary>
    public ConcurrentDictionary<string, string> Effects { get; } = new();

    /// <summary>Moves the engine's clock.</summary>
    public abstract void Advance(TimeSpan by);

    public abstract DateTimeOffset UtcNow { get; }

    /// <summary>Stops the program and starts its next build on what it left.</summary>
    /// <param name="register">Everything the next build registers.</param>
    public abstract Task UpgradeAsync(Action<IServiceCollection> register);

    public abstract ValueTask DisposeAsync();

    /// <summary>Schedules and waits, moving the clock along whenever the engine has nothing to do before its next timer.</summary>
    public async Task<WorkflowState> RunAsync(string name, object? input = null, string id = "i")
    {
        await Client.ScheduleAsync(name, input, id);
        return await FinishAsync(id);
    }

    public async Task<WorkflowState> FinishAsync(string id)
    {
        using var patience = new CancellationTokenSource(Patience);
        var finished = Client.WaitForCompletionAsync(id, patience.Token);
        while (!finished.IsCompleted)
        {
            await Task.WhenAny(finished, Task.Delay(5));
            Advance(TimeSpan.FromSeconds(30));
        }
        return await Patiently(finished, id);
    }

    /// <summary>Waits without touching the clock.</summary>
    public async Task<WorkflowState> FinishInStillTimeAsync(string id)
    {
        using var patience = new CancellationTokenSource(Patience);
        return await Patiently(Client.WaitForCompletionAsync(id, patience.Token), id);
    }

    async Task<WorkflowState> Patiently(Task<WorkflowState> finished, string id)
    {
        try
        {
            return await finished;
        }
        catch (OperationCanceledException)
        {
            throw new TimeoutException($"Workflow '{id}' did not finish in {Patience}: {await Client.GetAsync(id)}; effects: {string.Join(", ", Effects)}");
        }
    }
}

/// <summary>Awaitable marks that activities set, so that tests know where a workflow has got to.</summary>
public sealed class Marks
{
    readonly ConcurrentDictionary<string, TaskCompletionSource> _marks = new();

    public void Set(string mark) => Source(mark).TrySetResult();

    public Task Reached(string mark) => Source(mark).Task.WaitAsync(ContractHost.Patience);

    TaskCompletionSource Source(string mark) =>
        _marks.GetOrAdd(mark, _ => new(TaskCreationOptions.RunContinuationsAsynchronously));
}

/// <summary>Activities that most contract tests share.</summary>
public static class CommonActivities
{
    public static IServiceCollection AddCommonActivities(this IServiceCollection services, ContractHost host, Marks marks) => services
        .AddActivity<int, int>("double", (_, x) => Task.FromResult(2 * x))
        .AddActivity<string, string>("effect", (context, what) =>
        {
            host.Effects[context.IdempotencyKey] = what;
            return Task.FromResult(what);
        })
        .AddActivity<string, bool>("fail", (_, message) => throw new InvalidOperationException(message))
        .AddActivity<string, bool>("mark", (_, mark) =>
        {
            marks.Set(mark);
            return Task.FromResult(true);
        });
}
