using System.Collections.Concurrent;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Orchestrator.Durable.Engine;
using Orchestrator.Durable.Tests.Harness;

namespace Orchestrator.Durable.Tests;

public sealed class The_engine
{
    readonly Marks _marks = new();

    [Fact]
    public async Task Fails_an_execution_whose_history_grows_past_its_cap()
    {
        await using var host = await StartAsync(services => services.AddWorkflow<int, int>("w", async (context, x) =>
        {
            while (true)
            {
                x = await context.CallActivityAsync<int>("double", 1);
            }
        }), o => o.MaxHistoryEvents = 50);

        var state = await host.RunAsync("w");

        state.Status.ShouldBe(WorkflowStatus.Failed);
        state.Failure!.Message.ShouldContain("Use ContinueAsNew");
        host.History("i").Sum(t => t.Events).ShouldBeLessThan(60);
    }

    [Fact]
    public async Task Fails_a_turn_that_never_ends_asking()
    {
        await using var host = await StartAsync(services => services.AddWorkflow<int, int>("w", (context, _) =>
        {
            while (true)
            {
                context.SendEvent("someone", "again");
            }
        }), o => o.MaxHistoryEvents = 50);

        (await host.RunAsync("w")).Failure!.Message.ShouldContain("more than 50 actions");
    }

    [Fact]
    public async Task Keeps_no_more_instances_in_memory_than_told_and_replays_the_rest()
    {
        await using var host = await StartAsync(services => services.AddWorkflow<int, int>("w", async (context, x) =>
        {
            x = await context.CallActivityAsync<int>("double", x);
            await context.CallActivityAsync<bool>("mark", context.InstanceId);
            return x + await context.WaitForEventAsync<int>("go");
        }), o => o.MaxCachedInstances = 2);
        var ids = Enumerable.Range(0, 20).Select(i => $"i{i}").ToArray();
        foreach (var id in ids)
        {
            await host.Client.ScheduleAsync("w", 1, id);
            await _marks.Reached(id);
        }

        foreach (var id in ids)
        {
            await host.Client.RaiseEventAsync(id, "go", 40);
        }

        foreach (var id in ids)
        {
            (await host.FinishInStillTimeAsync(id)).ReadOutput<int>().ShouldBe(42);
        }
    }

    [Fact]
    public async Task Logs_what_a_workflow_says_once_however_often_it_replays()
    {
        var log = new RecordingLoggers();
        await using var host = await StartAsync(services => services.AddSingleton<ILoggerFactory>(log).AddWorkflow<int, int>("w", async (context, x) =>
        {
            var logger = context.CreateReplaySafeLogger("w");
            for (var i = 0; i < 3; i++)
            {
                logger.LogInformation("before {Step}", i);
                x = await context.CallActivityAsync<int>("double", x);
            }
            return x;
        }), o => o.EvictAfterEveryEvent = true);

        await host.RunAsync("w", 1);

        log.Lines.ShouldBe(["w: before 0", "w: before 1", "w: before 2"]);
    }

    [Fact]
    public async Task Runs_no_more_activities_at_once_than_told()
    {
        var (running, most) = (0, 0);
        await using var host = await StartAsync(services => services
            .AddActivity<int, int>("busy", async (_, x) =>
            {
                var now = Interlocked.Increment(ref running);
                most = Math.Max(most, now);
                await Task.Yield();
                Interlocked.Decrement(ref running);
                return x;
            })
            .AddWorkflow<int, int[]>("w", (context, n) =>
                Task.WhenAll(Enumerable.Range(0, n).Select(i => context.CallActivityAsync<int>("busy", i)))),
            o => o.MaxConcurrentActivities = 2);

        (await host.RunAsync("w", 50)).Status.ShouldBe(WorkflowStatus.Completed);
        most.ShouldBeInRange(1, 2);
    }

    [Fact]
    public async Task Leaves_nothing_in_its_tables_when_all_is_done()
    {
        await using var host = await StartAsync(services => services
            .AddWorkflow<int, int>("child", (_, x) => Task.FromResult(x))
            .AddWorkflow<int, string>("w", async (context, input) =>
            {
                _ = context.CreateTimerAsync(TimeSpan.FromDays(365));
                await context.CallChildAsync<int>("child", 1);
                return await context.WaitForEventAsync<string>("x", TimeSpan.FromDays(1));
            }));
        await host.Client.ScheduleAsync("w", 0, "i");
        await host.Client.RaiseEventAsync("i", "unwanted");
        await host.Client.RaiseEventAsync("i", "x", "y");

        (await host.FinishInStillTimeAsync("i")).ReadOutput<string>().ShouldBe("y");

        host.Leftovers().ShouldBe(0);
    }

    [Fact]
    public async Task Survives_a_thousand_workflows_at_once()
    {
        await using var host = await StartAsync(services => services.AddWorkflow<int, int>("w", async (context, x) =>
        {
            for (var i = 0; i < 2; i++)
            {
                x = await context.CallActivityAsync<int>("double", x);
            }
            return x;
        }), o => o.MaxCachedInstances = 100);

        await Task.WhenAll(Enumerable.Range(0, 1000).Select(i => host.Client.ScheduleAsync("w", i, $"i{i}")));

        for (var i = 0; i < 1000; i++)
        {
            (await host.FinishInStillTimeAsync($"i{i}")).ReadOutput<int>().ShouldBe(4 * i);
        }
    }

    [Fact]
    public void Lists_everything_that_is_wrong_with_its_options()
    {
        var error = Should.Throw<ArgumentException>(() => OptionsCheck.Validate(new() { MaxConcurrentActivities = 0, PollInterval = TimeSpan.Zero }));

        error.Message.ShouldContain("JournalPath is empty");
        error.Message.ShouldContain("MaxConcurrentActivities");
        error.Message.ShouldContain("PollInterval");
    }

    [Fact]
    public void Refuses_two_registrations_of_one_name() => Should.Throw<ArgumentException>(() => new WorkflowRegistry(
        [], [new("a", (_, _, _, _) => Task.FromResult("")), new("a", (_, _, _, _) => Task.FromResult(""))])).Message.ShouldContain("registered twice");

    Task<EmbeddedHost> StartAsync(Action<IServiceCollection> register, Action<DurableEngineOptions>? configure = null) =>
        EmbeddedHost.StartAsync((services, host) => register(services.AddCommonActivities(host, _marks)), configure: configure);

    sealed class RecordingLoggers : ILoggerFactory
    {
        readonly ConcurrentQueue<string> _lines = new();

        public IReadOnlyCollection<string> Lines => [.. _lines.Where(l => l.StartsWith("w:", StringComparison.Ordinal))];

        public ILogger CreateLogger(string categoryName) => new Recorder(categoryName, _lines);

        public void AddProvider(ILoggerProvider provider)
        {
        }

        public void Dispose()
        {
        }
    }

    sealed class Recorder(string category, ConcurrentQueue<string> lines) : ILogger
    {
        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            lines.Enqueue($"{category}: {formatter(state, exception)}");
    }
}
