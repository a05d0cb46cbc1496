using Orchestrator.Durable.Tests.Harness;

namespace Orchestrator.Durable.Tests.Contract;

public abstract partial class DurableContract
{
    [Theory]
    [InlineData("event")]
    [InlineData("timer")]
    public async Task An_instance_ends_as_the_version_it_began_with_although_the_next_build_brings_a_newer_one(string waitsFor)
    {
        await using var host = await HostAsync(services => services.AddWorkflow<string, string>("w", First, "1"));
        await host.Client.ScheduleAsync("w", waitsFor, "old");
        await Marks.Reached("old waits");

        await host.UpgradeAsync(services => services
            .AddCommonActivities(host, Marks).AddWorkflow<string, string>("w", First, "1").AddWorkflow<string, string>("w", Second, "2"));
        await host.Client.ScheduleAsync("w", waitsFor, "new");
        await Marks.Reached("new waits");
        foreach (string id in new[] { "old", "new" })
        {
            (await host.Client.GetAsync(id))!.Status.ShouldBe(WorkflowStatus.Running);
            await host.Client.RaiseEventAsync(id, "go", 1);
        }

        Output<string>(await host.FinishAsync("old")).ShouldBe("1: done as at first");
        Output<string>(await host.FinishAsync("new")).ShouldBe("2: done otherwise");
        host.Effects.Values.ShouldBe(["done as at first", "done otherwise"], ignoreOrder: true);
        (await host.Client.GetAsync("old"))!.Version.ShouldBe("1");
        (await host.Client.GetAsync("new"))!.Version.ShouldBe("2");
    }

    static async Task<string> First(IWorkflowContext context, string waitsFor)
    {
        var go = Go(context, waitsFor);
        await context.CallActivityAsync<bool>("mark", $"{context.InstanceId} waits");
        await go;
        return $"{context.Version}: {await context.CallActivityAsync<string>("effect", "done as at first")}";
    }

    static async Task<string> Second(IWorkflowContext context, string waitsFor)
    {
        await context.CallActivityAsync<int>("double", 1);
        var go = Go(context, waitsFor);
        await context.CallActivityAsync<bool>("mark", $"{context.InstanceId} waits");
        await go;
        return $"{context.Version}: {await context.CallActivityAsync<string>("effect", "done otherwise")}";
    }

    static Task Go(IWorkflowContext context, string waitsFor) =>
        waitsFor == "event" ? context.WaitForEventAsync<int>("go") : context.CreateTimerAsync(TimeSpan.FromHours(1));
}
