using Dapr.Actors;
using Dapr.Actors.Client;
using Dapr.Actors.Runtime;

namespace Orchestrator.Sidecar.Tests.Kit;

public interface ICounter : IActor
{
    Task<int> AddAsync(int by);
    Task<int> GetAsync();
    Task FailAsync();
    Task RemindAsync(TimeSpan due, TimeSpan period);
    Task ForgetAsync();
    Task TickAsync(TimeSpan due, TimeSpan period);
    Task<int> CallSelfAsync(int depth);
    Task HoldAsync();
    Task KeepForAsync(TimeSpan lifetime);
    Task<bool> IsKeptAsync();
}

/// <summary>What the actors of one test report.</summary>
internal sealed class CounterProbe
{
    public Inbox<string> Activated { get; } = new();
    public Inbox<string> Deactivated { get; } = new();
    public Inbox<string> Ticks { get; } = new();
    public TaskCompletionSource Entered { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    public TaskCompletionSource Release { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    public int Running;
    public int MostRunning;
    public volatile bool FailReminders;
    public IActorProxyFactory? Proxies { get; set; }
}

internal sealed class Counter(ActorHost host, CounterProbe probe) : Actor(host), ICounter, IRemindable
{
    public async Task<int> AddAsync(int by)
    {
        var now = Interlocked.Increment(ref probe.Running);
        probe.MostRunning = Math.Max(probe.MostRunning, now);
        var value = await StateManager.GetOrAddStateAsync("n", 0) + by;
        await StateManager.SetStateAsync("n", value);
        await Task.Yield();
        Interlocked.Decrement(ref probe.Running);
        return value;
    }

    public Task<int> GetAsync() => StateManager.GetOrAddStateAsync("n", 0);

    public Task FailAsync() => throw new InvalidOperationException("as asked");

    public Task RemindAsync(TimeSpan due, TimeSpan period) => RegisterReminderAsync("r", [1, 2, 3], due, period);

    public Task ForgetAsync() => UnregisterReminderAsync("r");

    public Task TickAsync(TimeSpan due, TimeSpan period) => RegisterTimerAsync("t", nameof(OnTimerAsync), [9], due, period);

    public async Task<int> CallSelfAsync(int depth) => depth == 0 ? 0
        : 1 + await probe.Proxies!.CreateActorProxy<ICounter>(Id, nameof(Counter)).CallSelfAsync(depth - 1);

    public async Task HoldAsync()
    {
        probe.Entered.TrySetResult();
        await probe.Release.Task;
    }

    public Task KeepForAsync(TimeSpan lifetime) => StateManager.SetStateAsync("kept", 1, lifetime);

    public async Task<bool> IsKeptAsync() => (await StateManager.TryGetStateAsync<int>("kept")).HasValue;

    public Task ReceiveReminderAsync(string reminderName, byte[] state, TimeSpan dueTime, TimeSpan period)
    {
        probe.Ticks.Add($"{Id} {reminderName} {string.Join(",", state)}");
        return probe.FailReminders ? throw new InvalidOperationException("as asked") : Task.CompletedTask;
    }

    public Task OnTimerAsync(byte[] state)
    {
        probe.Ticks.Add($"{Id} timer {string.Join(",", state)}");
        return Task.CompletedTask;
    }

    protected override Task OnActivateAsync()
    {
        probe.Activated.Add(Id.GetId());
        return Task.CompletedTask;
    }

    protected override Task OnDeactivateAsync()
    {
        probe.Deactivated.Add(Id.GetId());
        return Task.CompletedTask;
    }
}

internal static class CounterApp
{
    public static async Task<TestApp> AddAsync(Network network, CounterProbe probe, string appId = "actors", Action<ActorRuntimeOptions>? options = null, AppOptions? app = null)
    {
        var added = await network.AddAppAsync(appId, null, o =>
        {
            o.Actors.RegisterActor<Counter>();
            options?.Invoke(o);
        }, app, s => s.Add(new Microsoft.Extensions.DependencyInjection.ServiceDescriptor(typeof(CounterProbe), probe)));
        probe.Proxies = (IActorProxyFactory)added.Services.GetService(typeof(IActorProxyFactory))!;
        return added;
    }

    public static ICounter Counter(this TestApp app, string id) => app.Actors.CreateActorProxy<ICounter>(new ActorId(id), nameof(Kit.Counter));
}
