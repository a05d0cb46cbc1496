namespace Orchestrator.Durable.Tests.Contract;

public abstract partial class DurableContract
{
    [Fact]
    public async Task Scheduling_an_id_again_changes_nothing()
    {
        await using var host = await HostAsync<int, int>((_, x) => Task.FromResult(x));

        (await host.Client.ScheduleAsync("w", 1, "i")).ShouldBe(ScheduleOutcome.Created);
        (await host.Client.ScheduleAsync("w", 2, "i")).ShouldBe(ScheduleOutcome.AlreadyExists);
        Output<int>(await host.FinishAsync("i")).ShouldBe(1);
        (await host.Client.ScheduleAsync("w", 3, "i")).ShouldBe(ScheduleOutcome.AlreadyExists);
        Output<int>((await host.Client.GetAsync("i"))!).ShouldBe(1);
    }

    [Fact]
    public async Task Scheduling_something_unknown_says_what_is_registered()
    {
        await using var host = await HostAsync<int, int>((_, x) => Task.FromResult(x));

        var unknown = await Should.ThrowAsync<ArgumentException>(() => host.Client.ScheduleAsync("nobody", 1, "i"));
        unknown.Message.ShouldContain("'nobody'");
        var version = await Should.ThrowAsync<ArgumentException>(
            () => host.Client.ScheduleAsync("w", 1, "i", new ScheduleOptions { Version = "7" }));
        version.Message.ShouldContain("registered: 1");
        await Should.ThrowAsync<ArgumentException>(() => host.Client.ScheduleAsync("w", 1, new string('x', 201)));
        await Should.ThrowAsync<ArgumentException>(() => host.Client.ScheduleAsync("w", 1, ""));
    }

    [Fact]
    public async Task A_later_start_waits_and_buffers_its_events()
    {
        await using var host = await HostAsync<int, string>(async (context, _) => await context.WaitForEventAsync<string>("x"));
        await host.Client.ScheduleAsync("w", 0, "i", new ScheduleOptions { StartAt = host.UtcNow + TimeSpan.FromHours(1) });

        (await host.Client.RaiseEventAsync("i", "x", "early")).ShouldBe(RaiseOutcome.Accepted);
        host.Advance(TimeSpan.FromMinutes(59));
        (await host.Client.GetAsync("i"))!.Status.ShouldBe(WorkflowStatus.Pending);
        host.Advance(TimeSpan.FromMinutes(1));

        Output<string>(await host.FinishInStillTimeAsync("i")).ShouldBe("early");
    }

    [Fact]
    public async Task Termination_ends_a_workflow_with_its_reason()
    {
        await using var host = await HostAsync<int, int>(async (context, _) =>
        {
            await context.CallActivityAsync<bool>("mark", "started");
            return await context.WaitForEventAsync<int>("never");
        });
        await host.Client.ScheduleAsync("w", 0, "i");
        await Marks.Reached("started");

        (await host.Client.TerminateAsync("i", "not wanted")).ShouldBeTrue();

        var state = await host.FinishAsync("i");
        state.Status.ShouldBe(WorkflowStatus.Terminated);
        state.Failure!.Message.ShouldBe("not wanted");
        (await host.Client.TerminateAsync("i", "again")).ShouldBeFalse();
        (await host.Client.TerminateAsync("nobody", "?")).ShouldBeFalse();
    }

    [Fact]
    public async Task Purging_forgets_only_what_has_finished()
    {
        await using var host = await HostAsync<int, int>(async (context, x) =>
        {
            await context.CallActivityAsync<bool>("mark", "started");
            return x + await context.WaitForEventAsync<int>("go");
        });
        await host.Client.ScheduleAsync("w", 1, "i");
        await Marks.Reached("started");
        (await host.Client.PurgeAsync("i")).ShouldBeFalse();
        await host.Client.RaiseEventAsync("i", "go", 1);
        var before = await host.FinishAsync("i");

        (await host.Client.PurgeAsync("i")).ShouldBeTrue();

        (await host.Client.GetAsync("i")).ShouldBeNull();
        (await host.Client.PurgeAsync("i")).ShouldBeFalse();
        await Should.ThrowAsync<InstanceNotFoundException>(() => host.Client.WaitForCompletionAsync("i"));
        (await host.Client.ScheduleAsync("w", 1, "i")).ShouldBe(ScheduleOutcome.Created);
        (await host.Client.GetAsync("i"))!.Execution.ShouldNotBe(before.Execution);
    }

    [Fact]
    public async Task Listing_filters_by_status_name_and_prefix()
    {
        await using var host = await HostAsync(services => services
            .AddWorkflow<int, int>("a", (_, x) => Task.FromResult(x))
            .AddWorkflow<int, int>("b", (_, _) => throw new InvalidOperationException("b")));
        for (var i = 0; i < 3; i++)
        {
            await host.RunAsync("a", i, $"job-{i}");
            await host.RunAsync("b", i, $"other-{i}");
        }

        async Task<string[]> Ids(WorkflowQuery? query) =>
            [.. (await host.Client.ListAsync(query).ToListAsync()).Select(s => s.InstanceId)];

        (await Ids(null)).ShouldBe(["job-0", "job-1", "job-2", "other-0", "other-1", "other-2"]);
        (await Ids(new() { IdPrefix = "job-" })).ShouldBe(["job-0", "job-1", "job-2"]);
        (await Ids(new() { Name = "b", Limit = 2 })).ShouldBe(["other-0", "other-1"]);
        (await Ids(new() { Statuses = [WorkflowStatus.Failed] })).ShouldBe(["other-0", "other-1", "other-2"]);
        (await Ids(new() { Statuses = [] })).ShouldBeEmpty();
        (await Ids(new() { UpdatedBefore = host.UtcNow + TimeSpan.FromSeconds(1) })).Length.ShouldBe(6);
        (await Ids(new() { UpdatedBefore = (await host.Client.GetAsync("job-0"))!.CreatedAt })).ShouldBeEmpty();
    }

    [Fact]
    public async Task Custom_status_is_visible_and_outlives_the_end()
    {
        await using var host = await HostAsync<int, int>(async (context, x) =>
        {
            context.SetCustomStatus(new { Phase = "planning" });
            await context.CallActivityAsync<bool>("mark", "planned");
            await context.WaitForEventAsync<int>("go");
            context.SetCustomStatus(new { Phase = "done" });
            return x;
        });
        await host.Client.ScheduleAsync("w", 0, "i");
        await Marks.Reached("planned");
        (await host.Client.GetAsync("i"))!.CustomStatusJson.ShouldBe("""{"phase":"planning"}""");

        await host.Client.RaiseEventAsync("i", "go", 1);

        (await host.FinishAsync("i")).CustomStatusJson.ShouldBe("""{"phase":"done"}""");
    }

    [Fact]
    public async Task A_status_may_be_large_and_a_later_one_replaces_it()
    {
        string large = new('é', 20_000);
        await using var host = await HostAsync<int, int>(async (context, x) =>
        {
            context.SetCustomStatus(large);
            await context.WaitForEventAsync<int>("go");
            context.SetCustomStatus("small");
            return x;
        });
        await host.Client.ScheduleAsync("w", 0, "i");
        WorkflowState? seen;
        do
            seen = await host.Client.GetAsync("i");
        while (seen is { IsFinished: false, CustomStatusJson: null });
        seen!.ReadCustomStatus<string>().ShouldBe(large);

        await host.Client.RaiseEventAsync("i", "go", 1);

        (await host.FinishAsync("i")).ReadCustomStatus<string>().ShouldBe("small");
    }

    [Fact]
    public async Task Continue_as_new_starts_over_with_the_new_input()
    {
        await using var host = await HostAsync<int, int>(async (context, x) =>
        {
            x = await context.CallActivityAsync<int>("double", x);
            if (x < 1000)
            {
                context.ContinueAsNew(x);
            }
            return x;
        });

        Output<int>(await host.RunAsync("w", 1)).ShouldBe(1024);
    }

    [Fact]
    public async Task Results_for_an_earlier_execution_are_ignored()
    {
        var release = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var host = await HostAsync(services => services
            .AddActivity<int, int>("slow", (context, _) => release.Task.WaitAsync(context.CancellationToken))
            .AddWorkflow<int, int>("w", async (context, round) =>
            {
                if (round == 0)
                {
                    _ = context.CallActivityAsync<int>("slow", 0);
                    await context.CallActivityAsync<bool>("mark", "slow scheduled");
                    context.ContinueAsNew(1);
                    return 0;
                }
                var mine = context.CallActivityAsync<int>("double", 21);
                await context.WaitForEventAsync<int>("go");
                return await mine;
            }));
        await host.Client.ScheduleAsync("w", 0, "i");
        await Marks.Reached("slow scheduled");

        release.SetResult(-1);
        await host.Client.RaiseEventAsync("i", "go", 1);

        Output<int>(await host.FinishAsync("i")).ShouldBe(42);
    }

    [Fact]
    public async Task Waiting_can_be_given_up()
    {
        await using var host = await HostAsync<int, int>((context, _) => context.WaitForEventAsync<int>("never"));
        await host.Client.ScheduleAsync("w", 0, "i");
        using var patience = new CancellationTokenSource();
        var finished = host.Client.WaitForCompletionAsync("i", patience.Token);

        await patience.CancelAsync();

        await Should.ThrowAsync<OperationCanceledException>(() => finished);
    }
}
