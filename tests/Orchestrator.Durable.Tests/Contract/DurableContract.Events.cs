namespace Orchestrator.Durable.Tests.Contract;

public abstract partial class DurableContract
{
    [Fact]
    public async Task Events_are_buffered_and_taken_first_in_first_out_by_names_without_case()
    {
        await using var host = await HostAsync<int, string>(async (context, _) =>
        {
            await context.CallActivityAsync<bool>("mark", "started");
            await context.WaitForEventAsync<int>("go");
            var first = await context.WaitForEventAsync<string>("LETTER");
            var second = await context.WaitForEventAsync<string>("letter");
            return first + second + await context.WaitForEventAsync<string>("Letter");
        });
        await host.Client.ScheduleAsync("w", 0, "i");
        await Marks.Reached("started");

        foreach (var letter in new[] { "a", "b", "c" })
        {
            (await host.Client.RaiseEventAsync("i", "Letter", letter)).ShouldBe(RaiseOutcome.Accepted);
        }
        await host.Client.RaiseEventAsync("i", "go", 1);

        Output<string>(await host.FinishAsync("i")).ShouldBe("abc");
    }

    [Fact]
    public async Task Two_waits_for_one_name_are_refused()
    {
        await using var host = await HostAsync<int, string>(async (context, _) =>
        {
            var first = context.WaitForEventAsync<int>("x");
            try
            {
                await context.WaitForEventAsync<int>("X");
                return "allowed";
            }
            catch (InvalidOperationException refused)
            {
                return refused.Message;
            }
        });

        Output<string>(await host.RunAsync("w")).ShouldContain("already waits for event 'X'");
    }

    [Fact]
    public async Task A_cancelled_wait_leaves_the_event_to_the_next_one()
    {
        await using var host = await HostAsync<int, string>(async (context, _) =>
        {
            using var cancel = new CancellationTokenSource();
            var abandoned = context.WaitForEventAsync<string>("x", cancel.Token);
            await context.CallActivityAsync<int>("double", 1);
            cancel.Cancel();
            var kept = context.WaitForEventAsync<string>("x");
            await context.CallActivityAsync<bool>("mark", "waiting again");
            return await kept + abandoned.IsCanceled;
        });
        await host.Client.ScheduleAsync("w", 0, "i");
        await Marks.Reached("waiting again");
        await host.Client.RaiseEventAsync("i", "x", "mine");

        Output<string>(await host.FinishAsync("i")).ShouldBe("mineTrue");
    }

    [Fact]
    public async Task Unprocessed_events_survive_continue_as_new_in_order()
    {
        await using var host = await HostAsync<string, string>(async (context, got) =>
        {
            if (got.Length == 0)
            {
                await context.CallActivityAsync<bool>("mark", "started");
                await context.WaitForEventAsync<int>("go");
            }
            got += await context.WaitForEventAsync<string>("letter");
            if (got.Length < 5)
            {
                context.ContinueAsNew(got);
            }
            return got;
        });
        await host.Client.ScheduleAsync("w", "", "i");
        await Marks.Reached("started");
        var first = (await host.Client.GetAsync("i"))!.Execution;

        foreach (var letter in "abc")
        {
            await host.Client.RaiseEventAsync("i", "letter", letter.ToString());
        }
        await host.Client.RaiseEventAsync("i", "go", 1);
        foreach (var letter in "de")
        {
            await host.Client.RaiseEventAsync("i", "letter", letter.ToString());
        }

        var state = await host.FinishAsync("i");
        Output<string>(state).ShouldBe("abcde");
        state.Execution.ShouldNotBe(first);
    }

    [Fact]
    public async Task Workflows_send_events_to_each_other()
    {
        await using var host = await HostAsync(services => services
            .AddWorkflow<string, int>("child", async (context, parent) =>
            {
                context.SendEvent(parent, "hello", context.InstanceId);
                return await context.WaitForEventAsync<int>("number");
            })
            .AddWorkflow<int, int>("w", async (context, _) =>
            {
                var child = context.CallChildAsync<int>("child", context.InstanceId);
                var childId = await context.WaitForEventAsync<string>("hello");
                context.SendEvent(childId, "number", 42);
                return await child;
            }));

        Output<int>(await host.RunAsync("w")).ShouldBe(42);
    }

    [Fact]
    public async Task Raising_reports_instances_that_are_missing_or_finished()
    {
        await using var host = await HostAsync<int, int>((_, x) => Task.FromResult(x));

        (await host.Client.RaiseEventAsync("i", "x")).ShouldBe(RaiseOutcome.NotFound);
        await host.RunAsync("w");
        (await host.Client.RaiseEventAsync("i", "x")).ShouldBe(RaiseOutcome.Finished);
    }
}
