using Microsoft.Extensions.DependencyInjection;

namespace Orchestrator.Durable.Tests.Contract;

public abstract partial class DurableContract
{
    [Fact]
    public async Task Input_and_output_go_through_json()
    {
        var order = new Order("shard", 3, ["a", "b"]);
        await using var host = await HostAsync<Order, Order>((_, input) => Task.FromResult(input with { Count = input.Count + 1 }));

        var state = await host.RunAsync("w", order);

        Output<Order>(state).ShouldBeEquivalentTo(order with { Count = 4 });
        state.ReadInput<Order>().ShouldBeEquivalentTo(order);
    }

    [Fact]
    public async Task Activities_run_in_sequence_and_pass_results_on()
    {
        await using var host = await HostAsync<int, int>(async (context, x) =>
        {
            for (var i = 0; i < 4; i++)
            {
                x = await context.CallActivityAsync<int>("double", x);
            }
            return x;
        });

        Output<int>(await host.RunAsync("w", 1)).ShouldBe(16);
    }

    [Fact]
    public async Task Activities_run_in_parallel_and_keep_their_places()
    {
        await using var host = await HostAsync<int, int[]>((context, n) =>
            Task.WhenAll(Enumerable.Range(0, n).Select(i => context.CallActivityAsync<int>("double", i))));

        Output<int[]>(await host.RunAsync("w", 20)).ShouldBe(Enumerable.Range(0, 20).Select(i => 2 * i));
    }

    [Fact]
    public async Task A_failure_arrives_as_type_message_and_details()
    {
        await using var host = await HostAsync<int, FailureDetails>(async (context, _) =>
        {
            try
            {
                await context.CallActivityAsync<bool>("fail", "no luck");
                throw new InvalidOperationException("unreachable");
            }
            catch (ActivityFailedException failed)
            {
                failed.TaskName.ShouldBe("fail");
                return failed.Failure;
            }
        });

        var failure = Output<FailureDetails>(await host.RunAsync("w"));

        failure.Is<InvalidOperationException>().ShouldBeTrue();
        failure.Message.ShouldBe("no luck");
    }

    [Fact]
    public async Task An_unhandled_failure_fails_the_workflow_and_keeps_its_cause()
    {
        await using var host = await HostAsync<int, bool>((context, _) => context.CallActivityAsync<bool>("fail", "no luck"));

        var state = await host.RunAsync("w");

        state.Status.ShouldBe(WorkflowStatus.Failed);
        state.Failure!.Is<ActivityFailedException>().ShouldBeTrue();
        state.Failure.Inner!.Message.ShouldBe("no luck");
    }

    [Fact]
    public async Task An_unregistered_activity_fails_and_names_itself()
    {
        await using var host = await HostAsync<int, bool>((context, _) => context.CallActivityAsync<bool>("nobody"));

        var state = await host.RunAsync("w");

        state.Status.ShouldBe(WorkflowStatus.Failed);
        state.Failure!.Message.ShouldContain("'nobody'");
    }

    [Fact]
    public async Task A_retried_call_keeps_its_idempotency_key_and_counts_its_attempts()
    {
        await using var host = await StartAsync((services, host) => services
            .AddActivity<int, string>("flaky", (context, _) =>
            {
                host.Effects[$"{context.IdempotencyKey}#{context.Attempt}"] = context.IdempotencyKey;
                return context.Attempt < 3 ? throw new IOException("busy") : Task.FromResult(context.IdempotencyKey);
            })
            .AddWorkflow<int, string[]>("w", async (context, _) =>
                [
                    await context.CallActivityAsync<string>("flaky", 0, new RetryPolicy(3, TimeSpan.FromSeconds(10))),
                    await context.CallActivityAsync<string>("flaky", 0, new RetryPolicy(3, TimeSpan.FromSeconds(10))),
                ]));
        var started = host.UtcNow;

        var keys = Output<string[]>(await host.RunAsync("w"));

        keys.Distinct().Count().ShouldBe(2);
        host.Effects.Keys.Order().ShouldBe(keys.SelectMany(key => new[] { $"{key}#1", $"{key}#2", $"{key}#3" }).Order());
        (host.UtcNow - started).ShouldBeGreaterThanOrEqualTo(TimeSpan.FromSeconds(60));
    }

    [Fact]
    public async Task Retries_end_after_the_last_attempt()
    {
        await using var host = await StartAsync((services, host) => services
            .AddActivity<int, bool>("broken", (context, _) =>
            {
                host.Effects[context.Attempt.ToString()] = "";
                throw new IOException("broken");
            })
            .AddWorkflow<int, bool>("w", (context, _) =>
                context.CallActivityAsync<bool>("broken", 0, new RetryPolicy(4, TimeSpan.FromSeconds(1)))));

        (await host.RunAsync("w")).Status.ShouldBe(WorkflowStatus.Failed);
        host.Effects.Keys.Order().ShouldBe(["1", "2", "3", "4"]);
    }

    [Fact]
    public async Task A_failure_the_policy_gives_up_on_is_not_retried()
    {
        await using var host = await StartAsync((services, host) => services
            .AddActivity<int, bool>("broken", (context, _) =>
            {
                host.Effects[context.Attempt.ToString()] = "";
                throw new ArgumentException("hopeless");
            })
            .AddWorkflow<int, bool>("w", (context, _) => context.CallActivityAsync<bool>(
                "broken", 0, new RetryPolicy(4, TimeSpan.FromSeconds(1)) { ShouldRetry = f => !f.Is<ArgumentException>() })));

        (await host.RunAsync("w")).Status.ShouldBe(WorkflowStatus.Failed);
        host.Effects.Keys.ShouldBe(["1"]);
    }

    [Fact]
    public async Task Classes_are_made_with_their_dependencies()
    {
        await using var host = await HostAsync(services => services
            .AddSingleton(new Greeting("hello"))
            .AddActivity<Greeter>("greet")
            .AddWorkflow<GreetingWorkflow>("greeting"));

        Output<string>(await host.RunAsync("greeting", "world")).ShouldBe("hello world");
    }

    sealed record Greeting(string Word);

    sealed class Greeter(Greeting greeting) : IActivity<string, string>
    {
        public Task<string> RunAsync(ActivityContext context, string input) => Task.FromResult($"{greeting.Word} {input}");
    }

    sealed class GreetingWorkflow : IWorkflow<string, string>
    {
        public Task<string> RunAsync(IWorkflowContext context, string input) => context.CallActivityAsync<string>("greet", input);
    }
}
