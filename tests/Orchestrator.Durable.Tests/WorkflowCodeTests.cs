namespace Orchestrator.Durable.Tests;

public sealed class The_check_of_workflow_code
{
    [Fact]
    public void Finds_nothing_in_code_that_keeps_to_its_context() => WorkflowCode.Violations(typeof(Good)).ShouldBeEmpty();

    [Fact]
    public void Finds_banned_calls_in_bodies_lambdas_and_helpers()
    {
        WorkflowCode.Violations(typeof(Bad)).ShouldBe(
        [
            "Bad calls DateTimeOffset.get_UtcNow: use context.UtcNow.",
            "Bad calls Environment.get_TickCount64: do it in an activity.",
            "Bad calls Guid.NewGuid: use context.NewGuid().",
            "Bad calls Task.Delay: use context.CreateTimerAsync.",
            "Bad calls Task.Run: do it in an activity.",
            "Bad calls Task`1.ConfigureAwait: stay on the workflow's synchronization context.",
        ]);
    }

    [Fact]
    public void Covers_every_workflow_of_an_assembly() =>
        WorkflowCode.Violations(typeof(Bad).Assembly).Select(v => v.Split(' ')[0]).Distinct().ShouldBe(["Bad"]);

    sealed class Good : IWorkflow<int, string>
    {
        public async Task<string> RunAsync(IWorkflowContext context, int input)
        {
            var id = context.NewGuid();
            var results = await Task.WhenAll(Enumerable.Range(0, input).Select(i => context.CallActivityAsync<int>("double", i)));
            try
            {
                await context.WaitForEventAsync<int>("go", TimeSpan.FromMinutes(1));
            }
            catch (TimeoutException)
            {
                await context.CreateTimerAsync(context.UtcNow.AddHours(1));
            }
            return $"{id} {string.Join(',', results.Concat(Countdown(input)))}";
        }

        static IEnumerable<int> Countdown(int from)
        {
            while (from > 0)
            {
                yield return from--;
            }
        }
    }

    sealed class Bad : IWorkflow<int, string>
    {
        public async Task<string> RunAsync(IWorkflowContext context, int input)
        {
            await context.CallActivityAsync<int>("double", input).ConfigureAwait(false);
            var ids = Enumerable.Range(0, input).Select(_ => Guid.NewGuid()).ToArray();
            await Task.Run(() => 1);
            await Helper.WaitAsync();
            return $"{Late(input)} {ids.Length} {Ticks().First()}";
        }

        static IEnumerable<long> Ticks()
        {
            yield return Environment.TickCount64;
        }

        static string Late(int days)
        {
            var time = () => DateTimeOffset.UtcNow.AddDays(days);
            return time().ToString();
        }
    }

    static class Helper
    {
        public static async Task WaitAsync() => await Task.Delay(1);
    }
}
