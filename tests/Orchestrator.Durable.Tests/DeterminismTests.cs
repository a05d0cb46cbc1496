using System.Text.Json;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Durable.History;
using Orchestrator.Durable.Tests.Harness;

namespace Orchestrator.Durable.Tests;

/// <summary>Code that changed under a running instance is found out and named, whatever the change.</summary>
public sealed class Changed_code
{
    readonly Marks _marks = new();

    public static TheoryData<string, string> Changes => new()
    {
        { "other activity", "history has action 1, activity 'effect', the code now asks for action 1, activity 'double'" },
        { "other kind", "history has action 1, activity 'effect', the code now asks for action 1, timer" },
        { "one more", "history has nothing more, the code now asks for action 4, activity 'effect'" },
        { "one less", "history has action 3, activity 'mark', the code now asks for nothing more" },
        { "other event", "history has action 2, wait for event 'go', the code now asks for action 2, wait for event 'stop'" },
        { "other child", "history has action 1, activity 'effect', the code now asks for action 1, child 'w' with id 'c'" },
        { "completes", "the code now asks for action 1, completion" },
        { "fails", "failure (System.NotSupportedException): changed my mind" },
        { "order", "history has action 1, activity 'effect', the code now asks for action 1, wait for event 'go'" },
    };

    [Theory]
    [MemberData(nameof(Changes))]
    public async Task Is_reported_with_the_first_difference(string change, string difference)
    {
        await using var host = await EmbeddedHost.StartAsync((services, host) => Register(services, host, Original));
        await host.Client.ScheduleAsync("w", 0, "i");
        await _marks.Reached("all asked for");

        await host.RestartAsync(register: services => Register(services, host, (context, _) => Changed(context, change)));
        await host.Client.RaiseEventAsync("i", "go", 1);

        var state = await host.FinishInStillTimeAsync("i");
        state.Status.ShouldBe(WorkflowStatus.Failed);
        state.Failure!.Is<NonDeterminismException>().ShouldBeTrue(state.Failure.ToString());
        state.Failure.Message.ShouldContain(difference);
        state.Failure.Message.ShouldContain("register changed code as a new version");
    }

    [Fact]
    public async Task That_asks_for_the_same_goes_on()
    {
        await using var host = await EmbeddedHost.StartAsync((services, host) => Register(services, host, Original));
        await host.Client.ScheduleAsync("w", 0, "i");
        await _marks.Reached("all asked for");

        await host.RestartAsync(register: services => Register(services, host, async (context, x) => "renewed " + await Original(context, x)));
        await host.Client.RaiseEventAsync("i", "go", 1);

        (await host.FinishInStillTimeAsync("i")).ReadOutput<string>().ShouldBe("renewed done");
    }

    [Fact]
    public async Task A_stored_history_replays()
    {
        await using var host = await EmbeddedHost.StartAsync((services, host) => Register(services, host, Original));

        HistoryReplay.Verify(Stored("original"), host.Workflow("w"));
    }

    [Fact]
    public async Task A_stored_history_of_other_code_does_not_replay()
    {
        await using var host = await EmbeddedHost.StartAsync((services, host) => Register(services, host, Original));

        var error = Should.Throw<NonDeterminismException>(() => HistoryReplay.Verify(Stored("nondeterministic"), host.Workflow("w")));

        error.Message.ShouldContain("Turn 1: history has action 1, activity 'renamed', the code now asks for action 1, activity 'effect'");
    }

    [Fact]
    public async Task An_exported_history_is_what_replays()
    {
        await using var host = await EmbeddedHost.StartAsync((services, host) => Register(services, host, Original));
        await host.Client.ScheduleAsync("w", 0, "i");
        await host.Client.RaiseEventAsync("i", "go", 1);
        await host.FinishInStillTimeAsync("i");

        var json = JsonSerializer.Serialize(host.History("i"), HistoryJson.Default.IReadOnlyListHistoryTurn);

        HistoryReplay.Verify(json, host.Workflow("w"));
    }

    [Theory]
    [InlineData("""{"from":"a","to":["b","c"]}""", null)]
    [InlineData("""{"from":"a","to":["b","c"],"note":null}""", null)]
    [InlineData("""{"from":"x","to":["b","c"]}""", "has input.from \"x\", now \"a\"")]
    [InlineData("""{"from":"a","to":["b","d"]}""", "has input.to[1] \"d\", now \"c\"")]
    [InlineData("""{"from":"a","to":["b"]}""", "has input.to [\"b\"], now [\"b\",\"c\"]")]
    [InlineData("""{"from":"a","to":["b","c"],"renamed":1}""", "has input.renamed 1, now nothing")]
    public async Task A_stored_history_replays_only_when_actions_get_at_least_what_they_got(string input, string? difference)
    {
        await using var host = await EmbeddedHost.StartAsync((services, _) => services.AddWorkflow<int, string>(
            "w", (context, _) => context.CallActivityAsync<string>("send", new { From = "a", To = new[] { "b", "c" }, New = 1 })));
        string history = $$"""
            [{"at":"2026-01-01T00:00:00+00:00",
              "messages":[{"kind":"started","instanceId":"i","name":"w","version":"1","execution":1,"input":0,"carried":[]}],
              "actions":[{"kind":"callActivity","id":1,"name":"send","input":{{input}},"call":1,"attempt":1}]}]
            """;

        var error = Record.Exception(() => HistoryReplay.Verify(history, host.Workflow("w")));

        if (difference is null)
            error.ShouldBeNull();
        else
            error.ShouldBeOfType<NonDeterminismException>().Message.ShouldContain($"Turn 1: in history action 1, activity 'send' {difference}.");
    }

    static string Stored(string name) => File.ReadAllText(Path.Combine(AppContext.BaseDirectory, "Histories", $"{name}.json"));

    void Register(IServiceCollection services, ContractHost host, Func<IWorkflowContext, int, Task<string>> workflow) =>
        services.AddCommonActivities(host, _marks).AddWorkflow("w", workflow);

    static async Task<string> Original(IWorkflowContext context, int _)
    {
        var effect = context.CallActivityAsync<string>("effect", "x");
        var go = context.WaitForEventAsync<int>("go");
        var mark = context.CallActivityAsync<bool>("mark", "all asked for");
        await Task.WhenAll(effect, go, mark);
        return "done";
    }

    static async Task<string> Changed(IWorkflowContext context, string change)
    {
        Task first = change switch
        {
            "other activity" => context.CallActivityAsync<int>("double", 1),
            "other kind" => context.CreateTimerAsync(TimeSpan.FromDays(1)),
            "other child" => context.CallChildAsync<string>("w", 0, "c"),
            "completes" => Task.CompletedTask,
            "fails" => throw new NotSupportedException("changed my mind"),
            "order" => context.WaitForEventAsync<int>("go"),
            _ => context.CallActivityAsync<string>("effect", "x"),
        };
        if (change == "completes")
        {
            return "done";
        }
        var go = change == "order" ? context.CallActivityAsync<string>("effect", "x") : (Task)context.WaitForEventAsync<int>(change == "other event" ? "stop" : "go");
        var mark = change == "one less" ? Task.CompletedTask : context.CallActivityAsync<bool>("mark", "all asked for");
        var more = change == "one more" ? context.CallActivityAsync<string>("effect", "y") : Task.CompletedTask;
        await Task.WhenAll(first, go, mark, more);
        return "done";
    }
}
