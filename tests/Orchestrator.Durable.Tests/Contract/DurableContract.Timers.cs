namespace Orchestrator.Durable.Tests.Contract;

public abstract partial class DurableContract
{
    [Fact]
    public async Task A_timer_fires_when_due_and_the_clock_stands_still_between_awaits()
    {
        await using var host = await HostAsync<int, bool>(async (context, _) =>
        {
            var start = context.UtcNow;
            await context.CreateTimerAsync(TimeSpan.FromHours(6));
            var woken = context.UtcNow;
            await context.CallActivityAsync<int>("double", 1);
            return woken >= start + TimeSpan.FromHours(6);
        });

        Output<bool>(await host.RunAsync("w")).ShouldBeTrue();
    }

    [Fact]
    public async Task Timers_do_not_fire_early()
    {
        await using var host = await HostAsync<int, string>(async (context, _) =>
        {
            var timer = context.CreateTimerAsync(TimeSpan.FromMinutes(10));
            await context.CallActivityAsync<bool>("mark", "armed");
            await timer;
            return "fired";
        });
        await host.Client.ScheduleAsync("w", 0, "i");
        await Marks.Reached("armed");

        host.Advance(TimeSpan.FromMinutes(10) - TimeSpan.FromSeconds(1));
        (await host.Client.GetAsync("i"))!.Status.ShouldNotBe(WorkflowStatus.Completed);
        host.Advance(TimeSpan.FromSeconds(1));

        Output<string>(await host.FinishInStillTimeAsync("i")).ShouldBe("fired");
    }

    [Fact]
    public async Task An_event_wins_over_its_timer_which_is_cancelled()
    {
        await using var host = await HostAsync<int, string>(async (context, _) =>
        {
            var answer = context.WaitForEventAsync<string>("answer", TimeSpan.FromDays(400));
            await context.CallActivityAsync<bool>("mark", "waiting");
            return await answer;
        });
        await host.Client.ScheduleAsync("w", 0, "i");
        await Marks.Reached("waiting");

        await host.Client.RaiseEventAsync("i", "answer", "yes");

        Output<string>(await host.FinishInStillTimeAsync("i")).ShouldBe("yes");
    }

    [Fact]
    public async Task A_timer_wins_over_an_event_that_stays_away()
    {
        await using var host = await HostAsync<int, string>(async (context, _) =>
        {
            try
            {
                return await context.WaitForEventAsync<string>("answer", TimeSpan.FromMinutes(1));
            }
            catch (TimeoutException)
            {
                await context.CallActivityAsync<bool>("mark", "timed out");
                return "late: " + await context.WaitForEventAsync<string>("answer");
            }
        });
        await host.Client.ScheduleAsync("w", 0, "i");
        var finished = host.FinishAsync("i");
        await Marks.Reached("timed out");

        await host.Client.RaiseEventAsync("i", "answer", "yes");

        Output<string>(await finished).ShouldBe("late: yes");
    }

    [Fact]
    public async Task A_cancelled_timer_throws_where_it_was_awaited()
    {
        await using var host = await HostAsync<int, string>(async (context, _) =>
        {
            using var cancel = new CancellationTokenSource();
            var timer = context.CreateTimerAsync(TimeSpan.FromDays(1), cancel.Token);
            await context.CallActivityAsync<int>("double", 1);
            cancel.Cancel();
            try
            {
                await timer;
                return "fired";
            }
            catch (OperationCanceledException)
            {
                await context.CallActivityAsync<int>("double", 1);
                return "cancelled";
            }
        });

        await host.Client.ScheduleAsync("w", 0, "i");

        Output<string>(await host.FinishInStillTimeAsync("i")).ShouldBe("cancelled");
    }
}
