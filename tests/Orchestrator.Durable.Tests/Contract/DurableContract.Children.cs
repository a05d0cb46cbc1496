namespace Orchestrator.Durable.Tests.Contract;

public abstract partial class DurableContract
{
    [Fact]
    public async Task Children_return_their_output_and_know_their_parent()
    {
        await using var host = await HostAsync(services => services
            .AddWorkflow<int, string>("child", async (context, x) =>
                $"{context.ParentInstanceId}:{await context.CallActivityAsync<int>("double", x)}")
            .AddWorkflow<int, string[]>("w", (context, n) =>
                Task.WhenAll(Enumerable.Range(0, n).Select(i => context.CallChildAsync<string>("child", i, $"child-{i}")))));

        Output<string[]>(await host.RunAsync("w", 3, "p")).ShouldBe(["p:0", "p:2", "p:4"]);
        (await host.Client.GetAsync("child-1"))!.ParentInstanceId.ShouldBe("p");
    }

    [Fact]
    public async Task A_failed_child_fails_its_call()
    {
        await using var host = await HostAsync(services => services
            .AddWorkflow<int, int>("child", (_, _) => throw new InvalidOperationException("no child"))
            .AddWorkflow<int, string>("w", async (context, _) =>
            {
                try
                {
                    return "done " + await context.CallChildAsync<int>("child");
                }
                catch (ChildFailedException failed)
                {
                    return failed.Failure.Message;
                }
            }));

        Output<string>(await host.RunAsync("w")).ShouldBe("no child");
    }

    [Fact]
    public async Task A_child_is_retried_under_its_own_id()
    {
        await using var host = await StartAsync((services, host) => services
            .AddActivity<string, int>("count", (context, _) => Task.FromResult(
                host.Effects.TryAdd(context.IdempotencyKey, "") || true ? host.Effects.Count : 0))
            .AddWorkflow<int, string>("child", async (context, _) =>
            {
                var runs = await context.CallActivityAsync<int>("count", "");
                return runs < 3 ? throw new InvalidOperationException("again") : context.InstanceId;
            })
            .AddWorkflow<int, string>("w", (context, _) =>
                context.CallChildAsync<string>("child", 0, "the-child", new RetryPolicy(5, TimeSpan.FromSeconds(1)))));

        Output<string>(await host.RunAsync("w")).ShouldBe("the-child");
    }

    [Fact]
    public async Task A_child_whose_id_is_taken_fails_its_call()
    {
        await using var host = await HostAsync(services => services
            .AddWorkflow<int, int>("child", (_, x) => Task.FromResult(x))
            .AddWorkflow<int, int>("w", (context, x) => context.CallChildAsync<int>("child", x, "taken")));
        await host.RunAsync("child", 1, "taken");

        var state = await host.RunAsync("w", 2, "p");

        state.Status.ShouldBe(WorkflowStatus.Failed);
        state.Failure!.Message.ShouldContain("'taken' exists already");
    }

    [Fact]
    public async Task An_unregistered_child_fails_its_call()
    {
        await using var host = await HostAsync<int, int>((context, x) => context.CallChildAsync<int>("nobody", x));

        var state = await host.RunAsync("w");

        state.Status.ShouldBe(WorkflowStatus.Failed);
        state.Failure!.Message.ShouldContain("'nobody'");
    }
}
