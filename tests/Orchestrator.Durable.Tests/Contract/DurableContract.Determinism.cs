namespace Orchestrator.Durable.Tests.Contract;

public abstract partial class DurableContract
{
    [Fact]
    public async Task Guids_differ_from_each_other_and_not_from_replay_to_replay()
    {
        await using var host = await HostAsync<int, string[]>(async (context, _) =>
        {
            var first = context.NewGuid();
            var echoed = await context.CallActivityAsync<string>("effect", first.ToString());
            var second = context.NewGuid();
            await context.CallActivityAsync<string>("effect", second.ToString());
            return [first.ToString(), echoed, second.ToString()];
        });

        var ids = Output<string[]>(await host.RunAsync("w"));

        ids[0].ShouldBe(ids[1]);
        ids[2].ShouldNotBe(ids[0]);
        host.Effects.Values.Order().ShouldBe(new[] { ids[0], ids[2] }.Order());
        var other = Output<string[]>(await host.RunAsync("w", 0, "another"));
        other[0].ShouldNotBe(ids[0]);
    }

    public static TheoryData<string> ForeignAwaits => ["run", "delay", "off the context", "never"];

    [Theory]
    [MemberData(nameof(ForeignAwaits))]
    public async Task Awaiting_what_the_context_did_not_hand_out_fails_the_workflow(string kind)
    {
        var gate = new TaskCompletionSource();
        await using var host = await HostAsync<string, int>(async (context, what) =>
        {
            var pending = context.WaitForEventAsync<int>("never");
            switch (what)
            {
                case "run":
                    _ = context.CallActivityAsync<bool>("mark", "running elsewhere");
                    await Task.Run(() => gate.Task);
                    break;
                case "delay":
                    await Task.Delay(200);
                    break;
                case "off the context":
                    await context.CallActivityAsync<int>("double", 1).ConfigureAwait(false);
                    break;
                default:
                    using (var cancel = new CancellationTokenSource())
                    {
                        var abandoned = context.CreateTimerAsync(TimeSpan.FromDays(1), cancel.Token);
                        cancel.CancelAfter(1);
                        await abandoned;
                    }
                    break;
            }
            return await context.CallActivityAsync<int>("double", 1);
        });
        await host.Client.ScheduleAsync("w", kind, "i");
        if (kind == "run")
        {
            // Only an await that really suspends can be seen: the gate stays shut until the turn is over.
            await Marks.Reached("running elsewhere");
        }
        gate.SetResult();

        // A step off the context leaves no trace in the journal: after a crash it shows when the instance next gets a message.
        var finished = host.FinishInStillTimeAsync("i");
        while (!finished.IsCompleted)
        {
            await Task.WhenAny(finished, Task.Delay(20));
            await host.Client.RaiseEventAsync("i", "nudge");
        }
        var state = await finished;

        state.Status.ShouldBe(WorkflowStatus.Failed);
        state.Failure!.Is<NonDeterminismException>().ShouldBeTrue(state.Failure.ToString());
    }

    [Fact]
    public async Task Waiting_for_nothing_fails_instead_of_hanging()
    {
        await using var host = await HostAsync<int, int>((_, _) => new TaskCompletionSource<int>().Task);

        var state = await host.RunAsync("w");

        state.Failure!.Is<NonDeterminismException>().ShouldBeTrue();
    }

    [Fact]
    public async Task Yielding_is_allowed()
    {
        await using var host = await HostAsync<int, int>(async (context, x) =>
        {
            await Task.Yield();
            x = await context.CallActivityAsync<int>("double", x);
            await Task.Yield();
            return x;
        });

        Output<int>(await host.RunAsync("w", 4)).ShouldBe(8);
    }

    [Fact]
    public async Task An_instance_keeps_the_version_it_started_with()
    {
        await using var host = await HostAsync(services => services
            .AddWorkflow<int, string>("w", async (context, _) =>
            {
                await context.CallActivityAsync<int>("double", 1);
                return "old " + context.Version;
            }, "1.9")
            .AddWorkflow<int, string>("w", (context, _) => Task.FromResult("new " + context.Version), "1.10"));

        await host.Client.ScheduleAsync("w", 0, "old", new ScheduleOptions { Version = "1.9" });
        await host.Client.ScheduleAsync("w", 0, "new");

        Output<string>(await host.FinishAsync("old")).ShouldBe("old 1.9");
        Output<string>(await host.FinishAsync("new")).ShouldBe("new 1.10");
    }

    [Fact]
    public async Task A_payload_that_is_too_large_is_refused_with_advice()
    {
        await using var host = await HostAsync<int, string>(async (context, n) =>
            await context.CallActivityAsync<string>("effect", new string('x', n)));

        var state = await host.RunAsync("w", 300 * 1024);

        state.Status.ShouldBe(WorkflowStatus.Failed);
        state.Failure!.Message.ShouldContain("Store it as a blob");
        var refused = await Should.ThrowAsync<ArgumentException>(() => host.Client.ScheduleAsync("w", new string('x', 300 * 1024), "j"));
        refused.Message.ShouldContain("Store it as a blob");
    }
}
