using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Durable.Engine;
using Orchestrator.Durable.Journal;
using Orchestrator.Durable.Tests.Harness;

namespace Orchestrator.Durable.Tests;

public sealed class Recovery
{
    readonly Marks _marks = new();

    [Fact]
    public async Task Timers_that_fell_due_while_the_engine_was_down_fire_at_its_start()
    {
        await using var host = await StartAsync(services => services.AddWorkflow<int, string>("w", async (context, _) =>
        {
            var timer = context.CreateTimerAsync(TimeSpan.FromHours(1));
            await context.CallActivityAsync<bool>("mark", "armed");
            await timer;
            return $"{(context.UtcNow - new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero)).TotalHours:0}";
        }));
        await host.Client.ScheduleAsync("w", 0, "i");
        await _marks.Reached("armed");

        await host.RestartAsync(whileDown: () => host.Advance(TimeSpan.FromHours(8)));

        (await host.FinishInStillTimeAsync("i")).ReadOutput<string>().ShouldBe("8");
    }

    [Fact]
    public async Task An_activity_cut_short_by_a_stop_runs_again()
    {
        var deliveries = 0;
        await using var host = await StartAsync(services => services
            .AddActivity<int, int>("slow", async (context, x) =>
            {
                if (Interlocked.Increment(ref deliveries) == 1)
                {
                    _marks.Set("running");
                    await Task.Delay(Timeout.Infinite, context.CancellationToken);
                }
                return x;
            })
            .AddWorkflow<int, int>("w", (context, x) => context.CallActivityAsync<int>("slow", x)));
        await host.Client.ScheduleAsync("w", 5, "i");
        await _marks.Reached("running");

        await host.RestartAsync();

        (await host.FinishInStillTimeAsync("i")).ReadOutput<int>().ShouldBe(5);
        deliveries.ShouldBe(2);
    }

    [Fact]
    public async Task An_instance_whose_version_is_missing_waits_and_goes_on_when_it_is_back()
    {
        await using var host = await StartAsync(services => services.AddWorkflow<int, int>("w", WaitForGo, "2"));
        await host.Client.ScheduleAsync("w", 1, "i");
        await _marks.Reached("started");

        await host.RestartAsync(register: s => s.AddCommonActivities(host, _marks).AddWorkflow<int, int>("w", WaitForGo, "1"));
        await host.Client.RaiseEventAsync("i", "go", 41);
        var blocked = await UntilAsync(host, s => s.BlockedBy is not null);
        await host.RestartAsync(register: s => s.AddCommonActivities(host, _marks).AddWorkflow<int, int>("w", WaitForGo, "2"));

        blocked.Status.ShouldBe(WorkflowStatus.Running);
        blocked.BlockedBy!.ShouldContain("No version '2' of workflow 'w' is registered (registered: 1)");
        var state = await host.FinishInStillTimeAsync("i");
        state.ReadOutput<int>().ShouldBe(42);
        state.BlockedBy.ShouldBeNull();

        async Task<int> WaitForGo(IWorkflowContext context, int x)
        {
            await context.CallActivityAsync<bool>("mark", "started");
            return x + await context.WaitForEventAsync<int>("go");
        }
    }

    [Fact]
    public async Task A_second_engine_stands_by_and_takes_over_when_the_first_is_gone()
    {
        await using var host = await StartAsync(services => services.AddWorkflow<int, int>("w", async (context, x) =>
        {
            await context.CallActivityAsync<bool>("mark", "started");
            return x + await context.WaitForEventAsync<int>("go");
        }));
        await host.Client.ScheduleAsync("w", 1, "i");
        await _marks.Reached("started");
        await using var second = host.Second();
        await second.StartAsync(CancellationToken.None);
        second.IsOwner.ShouldBeFalse();

        await host.Engine.StopAsync(CancellationToken.None);
        await UntilOwner(host, second);

        (await second.Client.RaiseEventAsync("i", "go", 41)).ShouldBe(RaiseOutcome.Accepted);
        (await second.Client.WaitForCompletionAsync("i").WaitAsync(ContractHost.Patience)).ReadOutput<int>().ShouldBe(42);
    }

    [Fact]
    public async Task A_client_beside_a_standing_by_engine_reaches_the_owner_through_the_journal()
    {
        await using var host = await StartAsync(services => services.AddWorkflow<int, int>("w", async (context, x) =>
            x + await context.WaitForEventAsync<int>("go")));
        await using var second = host.Second();
        await second.StartAsync(CancellationToken.None);

        await second.Client.ScheduleAsync("w", 1, "i");
        await second.Client.RaiseEventAsync("i", "go", 41);
        var finished = second.Client.WaitForCompletionAsync("i");
        while (!finished.IsCompleted)
        {
            await Task.WhenAny(finished, Task.Delay(5));
            host.Advance(TimeSpan.FromSeconds(1));
        }

        (await finished).ReadOutput<int>().ShouldBe(42);
        second.IsOwner.ShouldBeFalse();
    }

    [Fact]
    public async Task An_owner_that_lost_the_journal_cannot_commit()
    {
        await using var host = await StartAsync(services => services.AddWorkflow<int, string>("w", async (context, _) =>
        {
            await context.CallActivityAsync<bool>("mark", "started");
            await context.WaitForEventAsync<int>("go");
            return await context.CallActivityAsync<string>("effect", "by the wrong owner");
        }));
        await host.Client.ScheduleAsync("w", 0, "i");
        await _marks.Reached("started");
        await IdleAsync(host);
        using (var intruder = new JournalSession(host.JournalPath))
        {
            intruder.Execute("UPDATE owner SET epoch = epoch + 1");
        }

        await host.Client.RaiseEventAsync("i", "go", 1);
        var patience = Task.Delay(ContractHost.Patience);
        while (host.Engine.IsOwner && !patience.IsCompleted)
        {
            await Task.WhenAny(patience, Task.Delay(1));
        }

        host.Engine.IsOwner.ShouldBeFalse();
        host.Effects.ShouldBeEmpty();
        host.Engine.Parts.Reader.Inbox("i", 10).Count.ShouldBe(1, "the event stays in the inbox for the next owner");
    }

    [Fact]
    public async Task A_turn_whose_commit_fails_is_run_again_from_the_journal()
    {
        await using var host = await StartAsync(services => services.AddWorkflow<int, string>("w", async (context, x) =>
        {
            await context.CallActivityAsync<bool>("mark", "started");
            var go = await context.WaitForEventAsync<int>("go");
            return await context.CallActivityAsync<string>("effect", $"{go}");
        }));
        await host.Client.ScheduleAsync("w", 0, "i");
        await _marks.Reached("started");
        await IdleAsync(host);
        var commits = 0;
        host.Engine.Parts.Writer.BeforeCommit = () =>
        {
            // The first is the event's own; from then on it is the turn's.
            if (Interlocked.Increment(ref commits) is > 1 and <= 4)
            {
                throw new IOException("disk full");
            }
        };
        await host.Client.RaiseEventAsync("i", "go", 7);
        // While the clock stands still nothing else commits.
        await UntilAsync(() => Volatile.Read(ref commits) > 1, "the turn was never committed");

        (await host.FinishAsync("i")).ReadOutput<string>().ShouldBe("7");

        commits.ShouldBeGreaterThan(4);
        host.Effects.Values.ShouldBe(["7"]);
    }

    [Fact]
    public async Task A_file_of_a_newer_schema_is_refused()
    {
        await using var host = await StartAsync(_ => { });
        host.Engine.Parts.Reader.Use(s => s.Execute("PRAGMA user_version = 999"));

        Should.Throw<InvalidOperationException>(host.Second).Message.ShouldContain("schema version 999");
    }

    Task<EmbeddedHost> StartAsync(Action<IServiceCollection> register) =>
        EmbeddedHost.StartAsync((services, host) => register(services.AddCommonActivities(host, _marks)));

    /// <summary>Waits until everything that has happened is taken in: a mark is set before what follows from it is committed.</summary>
    static Task IdleAsync(EmbeddedHost host) => UntilAsync(() => host.Leftovers() == 0, "the engine never came to rest");

    static async Task UntilAsync(Func<bool> holds, string otherwise)
    {
        var patience = Task.Delay(ContractHost.Patience);
        while (!holds())
        {
            patience.IsCompleted.ShouldBeFalse(otherwise);
            await Task.WhenAny(patience, Task.Delay(1));
        }
    }

    static async Task<WorkflowState> UntilAsync(EmbeddedHost host, Func<WorkflowState, bool> holds)
    {
        var patience = Task.Delay(ContractHost.Patience);
        while (true)
        {
            var state = await host.Client.GetAsync("i");
            if (state is not null && holds(state))
            {
                return state;
            }
            patience.IsCompleted.ShouldBeFalse(state?.ToString());
            await Task.WhenAny(patience, Task.Delay(1));
        }
    }

    static async Task UntilOwner(EmbeddedHost host, DurableEngine engine)
    {
        var patience = Task.Delay(ContractHost.Patience);
        while (!engine.IsOwner)
        {
            patience.IsCompleted.ShouldBeFalse("the second engine never took over");
            host.Advance(TimeSpan.FromSeconds(1));
            await Task.WhenAny(patience, Task.Delay(1));
        }
    }
}
