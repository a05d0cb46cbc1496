using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Durable.Engine;
using Orchestrator.Durable.Tests.Harness;

namespace Orchestrator.Durable.Tests;

/// <summary>The engine dies once, at every place where dying matters; what it leaves must be as if it had not.</summary>
public sealed class Crash_points
{
    public static TheoryData<CrashPointName, int> Everywhere
    {
        get
        {
            var data = new TheoryData<CrashPointName, int>();
            foreach (var point in Enum.GetValues<CrashPointName>())
            {
                // As often as the workflow below is sure to pass the point, however its messages fall into turns.
                var passes = point switch
                {
                    CrashPointName.ScheduleCommitted or CrashPointName.EventCommitted => 1,
                    CrashPointName.BeforeActivity or CrashPointName.AfterActivity => 6,
                    CrashPointName.DuringCommit => 10,
                    _ => 8,
                };
                for (var nth = 1; nth <= passes; nth++)
                {
                    data.Add(point, nth);
                }
            }
            return data;
        }
    }

    /// <summary>The engine's crash points by public names, as a public test method needs them.</summary>
    public enum CrashPointName
    {
        ScheduleCommitted,
        EventCommitted,
        BeforeTurnCommit,
        DuringCommit,
        TurnCommitted,
        BeforeActivity,
        AfterActivity,
    }

    [Theory]
    [MemberData(nameof(Everywhere))]
    public async Task A_crash_leaves_every_effect_exactly_once(CrashPointName point, int nth)
    {
        var fault = new CrashAt(Enum.Parse<CrashPoint>(point.ToString()), nth);
        await using var host = await EmbeddedHost.StartAsync(Register);
        host.Faults = fault;

        await host.Client.ScheduleAsync("everything", 0, "i");
        await host.Client.RaiseEventAsync("i", "approval", "granted");
        var state = await host.FinishAsync("i");

        fault.Happened.ShouldBeTrue();
        state.Status.ShouldBe(WorkflowStatus.Completed, state.Failure?.ToString());
        state.ReadOutput<string>().ShouldBe("plan, a, b, c, granted, child, settle");
        host.Effects.Values.Order().ShouldBe(["a", "b", "c", "child", "plan", "settle"]);
        await Settled(host);
    }

    [Fact]
    public void Every_crash_point_has_a_name_here() =>
        Enum.GetNames<CrashPointName>().ShouldBe(Enum.GetNames<CrashPoint>());

    // Late duplicates may still be on their way out of the journal when the workflow is done.
    static async Task Settled(EmbeddedHost host)
    {
        var patience = Task.Delay(ContractHost.Patience);
        while (host.Leftovers() > 0 && !patience.IsCompleted)
        {
            await Task.WhenAny(patience, Task.Delay(1));
        }
        host.Leftovers().ShouldBe(0);
    }

    static void Register(IServiceCollection services, ContractHost host) => services
        .AddCommonActivities(host, new Marks())
        .AddWorkflow<int, string>("child", (context, _) => context.CallActivityAsync<string>("effect", "child"))
        .AddWorkflow<int, string>("everything", async (context, round) =>
        {
            if (round > 0)
            {
                var approval = await context.WaitForEventAsync<string>("approval");
                var child = await context.CallChildAsync<string>("child");
                return $"plan, a, b, c, {approval}, {child}, {await context.CallActivityAsync<string>("effect", "settle")}";
            }
            await context.CallActivityAsync<string>("effect", "plan");
            await Task.WhenAll(new[] { "a", "b", "c" }.Select(x => context.CallActivityAsync<string>("effect", x)));
            await context.CreateTimerAsync(TimeSpan.FromMinutes(5));
            context.ContinueAsNew(round + 1);
            return "";
        });
}
