using System.Text.Json.Serialization;
using CsCheck;
using Microsoft.Extensions.DependencyInjection;
using Orchestrator.Durable.Tests.Harness;

namespace Orchestrator.Durable.Tests;

/// <summary>Whatever a workflow is made of, crashes, evictions and duplicates change neither its result nor its effects.</summary>
public sealed class Random_programs
{
    static readonly Gen<Step> Leaf = Gen.OneOf(
        Gen.Int[0, 99].Select(n => (Step)new Effect($"a{n}")),
        Gen.Select(Gen.Int[0, 99], Gen.Int[1, 2], (n, failures) => (Step)new Retried($"r{n}", failures)),
        Gen.Int[1, 500].Select(seconds => (Step)new Sleep(seconds)),
        Gen.Int[1, 500].Select(seconds => (Step)new Cancelled(seconds)));

    static readonly Gen<Step> ChildStep = Tree(Leaf, depth: 2);

    static readonly Gen<Step> RootStep = Tree(
        Gen.Frequency((4, Leaf), (1, Gen.Int[0, 99].Select(n => (Step)new Await(n))), (1, ChildStep.Array[1, 2].Select(steps => (Step)new Child(steps)))),
        depth: 2);

    static readonly Gen<(Step[][] Program, int Seed, bool Evict, double Crash)> Cases = Gen.Select(
        RootStep.Array[1, 3].Array[1, 3], Gen.Int[0, int.MaxValue], Gen.Bool, Gen.Double[0, 0.3]);

    [Fact]
    public async Task Give_the_same_result_and_effects_through_crashes_evictions_and_duplicates() =>
        await Cases.SampleAsync(CheckAsync, iter: 40, threads: 1);

    static async Task CheckAsync((Step[][] Program, int Seed, bool Evict, double Crash) @case)
    {
        var program = @case.Program;
        await using var host = await EmbeddedHost.StartAsync(
            Register, new RandomFaults(@case.Seed, @case.Crash, duplicate: 0.2), o => o.EvictAfterEveryEvent = @case.Evict);

        await host.Client.ScheduleAsync("root", new Input(program, 0, ""), "i");
        foreach (var (name, _) in Names(program))
        {
            await host.Client.RaiseEventAsync("i", name.ToUpperInvariant(), name);
        }
        var state = await host.FinishAsync("i");

        state.Status.ShouldBe(WorkflowStatus.Completed, state.Failure?.ToString());
        state.ReadOutput<string>().ShouldBe(string.Concat(program.Select((segment, s) => Expected(segment, $"e{s}"))));
        host.Effects.Values.Order().ShouldBe(program.SelectMany(segment => segment).SelectMany(Effects).Order());
    }

    static void Register(IServiceCollection services, ContractHost host) => services
        .AddCommonActivities(host, new Marks())
        .AddActivity<Retried, string>("retried", (context, step) =>
        {
            if (context.Attempt <= step.Failures)
            {
                throw new IOException("not yet");
            }
            host.Effects[context.IdempotencyKey] = step.Label;
            return Task.FromResult(step.Label);
        })
        .AddWorkflow<Step[], string>("child", (context, steps) => RunAsync(context, steps, ""))
        .AddWorkflow<Input, string>("root", async (context, input) =>
        {
            var done = input.Done + await RunAsync(context, input.Program[input.Segment], $"e{input.Segment}");
            if (input.Segment + 1 < input.Program.Length)
            {
                context.ContinueAsNew(input with { Segment = input.Segment + 1, Done = done });
            }
            return done;
        });

    static async Task<string> RunAsync(IWorkflowContext context, Step[] steps, string path)
    {
        var result = "";
        for (var i = 0; i < steps.Length; i++)
        {
            result += await RunAsync(context, steps[i], $"{path}.{i}") + ";";
        }
        return result;
    }

    static async Task<string> RunAsync(IWorkflowContext context, Step step, string path)
    {
        switch (step)
        {
            case Effect effect:
                return await context.CallActivityAsync<string>("effect", effect.Label);
            case Retried retried:
                return await context.CallActivityAsync<string>("retried", retried, new RetryPolicy(3, TimeSpan.FromSeconds(7)));
            case Sleep sleep:
                await context.CreateTimerAsync(TimeSpan.FromSeconds(sleep.Seconds));
                return "slept";
            case Cancelled cancelled:
                using (var cancel = new CancellationTokenSource())
                {
                    var timer = context.CreateTimerAsync(TimeSpan.FromDays(1 + cancelled.Seconds), cancel.Token);
                    await context.CreateTimerAsync(TimeSpan.FromSeconds(1));
                    cancel.Cancel();
                    return timer.IsCanceled ? "cancelled" : "not cancelled";
                }
            case Await:
                return await context.WaitForEventAsync<string>(path);
            case Child child:
                return "[" + await context.CallChildAsync<string>("child", child.Steps) + "]";
            case Sequence sequence:
                return "{" + await RunAsync(context, sequence.Steps, path) + "}";
            case Parallel parallel:
                return "(" + string.Join("|", await Task.WhenAll(parallel.Steps.Select((s, i) => RunAsync(context, s, $"{path}.{i}")))) + ")";
            default:
                throw new NotSupportedException(step.GetType().Name);
        }
    }

    static string Expected(Step[] steps, string path) => string.Concat(steps.Select((s, i) => Expected(s, $"{path}.{i}") + ";"));

    static string Expected(Step step, string path) => step switch
    {
        Effect effect => effect.Label,
        Retried retried => retried.Label,
        Sleep => "slept",
        Cancelled => "cancelled",
        Await => path,
        Child child => "[" + Expected(child.Steps, "") + "]",
        Sequence sequence => "{" + Expected(sequence.Steps, path) + "}",
        Parallel parallel => "(" + string.Join("|", parallel.Steps.Select((s, i) => Expected(s, $"{path}.{i}"))) + ")",
        _ => throw new NotSupportedException(step.GetType().Name),
    };

    static IEnumerable<string> Effects(Step step) => step switch
    {
        Effect effect => [effect.Label],
        Retried retried => [retried.Label],
        Child child => child.Steps.SelectMany(Effects),
        Sequence sequence => sequence.Steps.SelectMany(Effects),
        Parallel parallel => parallel.Steps.SelectMany(Effects),
        _ => [],
    };

    static IEnumerable<(string Name, Step Step)> Names(Step[][] program) =>
        program.SelectMany((segment, s) => segment.SelectMany((step, i) => Named(step, $"e{s}.{i}"))).Where(n => n.Step is Await);

    static IEnumerable<(string Name, Step Step)> Named(Step step, string path) => step switch
    {
        Sequence sequence => sequence.Steps.SelectMany((s, i) => Named(s, $"{path}.{i}")),
        Parallel parallel => parallel.Steps.SelectMany((s, i) => Named(s, $"{path}.{i}")),
        _ => [(path, step)],
    };

    static Gen<Step> Tree(Gen<Step> leaf, int depth) => depth == 0
        ? leaf
        : Gen.Frequency(
            (3, leaf),
            (1, Tree(leaf, depth - 1).Array[1, 3].Select(steps => (Step)new Sequence(steps))),
            (1, Tree(leaf, depth - 1).Array[1, 4].Select(steps => (Step)new Parallel(steps))));

    public sealed record Input(Step[][] Program, int Segment, string Done);

    [JsonDerivedType(typeof(Effect), "effect")]
    [JsonDerivedType(typeof(Retried), "retried")]
    [JsonDerivedType(typeof(Sleep), "sleep")]
    [JsonDerivedType(typeof(Cancelled), "cancelled")]
    [JsonDerivedType(typeof(Await), "await")]
    [JsonDerivedType(typeof(Child), "child")]
    [JsonDerivedType(typeof(Sequence), "sequence")]
    [JsonDerivedType(typeof(Parallel), "parallel")]
    public abstract record Step;

    public sealed record Effect(string Label) : Step;

    /// <summary>Fails so often before it succeeds.</summary>
    public sealed record Retried(string Label, int Failures) : Step;

    public sealed record Sleep(int Seconds) : Step;

    /// <summary>A long timer that is given up after a second.</summary>
    public sealed record Cancelled(int Seconds) : Step;

    /// <summary>Waits for the event named after its place in the program.</summary>
    public sealed record Await(int Id) : Step;

    public sealed record Child(Step[] Steps) : Step;

    public sealed record Sequence(Step[] Steps) : Step;

    public sealed record Parallel(Step[] Steps) : Step;
}
