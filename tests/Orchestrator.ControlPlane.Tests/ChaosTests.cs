using System.Diagnostics;
using System.Text.Json;
using Microsoft.Extensions.Logging;
using Orchestrator.ControlPlane.Jobs;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.ControlPlane.Workflows;
using Orchestrator.Durable;
using Orchestrator.Sidecar.Faults;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>A thousand jobs of all kinds while the sidecar has every fault at once: each ends once and is paid once.</summary>
public sealed class ChaosTests
{
    private const int Seed = 20261122;
    private const int Jobs = 1_000;
    private const int InFlight = 48;

    /// <summary>Nothing in the platform writes state under an ETag yet, so that <see cref="FaultOptions.ETagConflict"/> is on but finds nothing to strike.</summary>
    private static readonly FaultOptions Everything = new()
    {
        Duplicate = 0.15,
        LostAck = 0.1,
        Delay = 0.2,
        LongestDelay = TimeSpan.FromMilliseconds(50),
        Reorder = 0.2,
        PublishFailure = 0.02,
        ETagConflict = 0.3,
        Rebalance = 0.05,
        Unavailable = 0.01,
    };

    private readonly Stopwatch watch = new();
    private string phase = "start";

    [Fact]
    public async Task A_thousand_jobs_under_all_faults_settle_exactly_once_each()
    {
        await using var platform = await Platform.StartAsync(
            configure: o => o with { ProbeInterval = TimeSpan.FromSeconds(1), StreamStartTimeout = TimeSpan.FromSeconds(3), TopologyAge = TimeSpan.FromMilliseconds(250) },
            seed: Seed,
            log: LogLevel.None);
        var load = new ChaosLoad(platform, TestContext.Current.CancellationToken);
        platform.Network.Behave = load.Behave;
        try
        {
            await RunAsync(platform, load);
        }
        catch (Exception e)
        {
            throw new InvalidOperationException($"Seed {Seed}, {phase}, {Numbers(platform, load)}: {e.Message}", e);
        }

        TestContext.Current.TestOutputHelper?.WriteLine(Numbers(platform, load));
    }

    private async Task RunAsync(Platform platform, ChaosLoad load)
    {
        var drawn = ChaosLoad.Draw(Seed, Jobs);
        platform.Faults = Everything;
        watch.Start();

        phase = "clients run their jobs";
        await Parallel.ForEachAsync(drawn, new ParallelOptions { MaxDegreeOfParallelism = InFlight }, async (job, _) => await load.RunAsync(job));
        phase = "jobs end";
        var ended = await EndAsync(platform);
        watch.Stop();
        platform.Faults = new FaultOptions();

        phase = "every job reached the end its client knows of";
        platform.InjectedFaults.Where(f => f.Key != nameof(FaultOptions.ETagConflict)).ShouldAllBe(f => f.Value > 0);
        ended.Values.ShouldAllBe(j => j.Phase == JobPhase.Completed || j.Phase == JobPhase.Cancelled || j.Phase == JobPhase.Failed);
        load.Batches.Count.ShouldBe(drawn.Count(j => j.Kind is not (ChaosKind.Whole or ChaosKind.Stream or ChaosKind.StreamAbandoned)), "a repeated submission made a second job");
        load.Answered.Keys.ShouldAllBe(id => ended[id].Phase == JobPhase.Completed);
        load.Abandoned.Keys.ShouldAllBe(id => ended[id].Phase == JobPhase.Cancelled);
        foreach (var (id, job) in load.Batches.Where(b => b.Value.Kind is ChaosKind.Batch or ChaosKind.BatchWhoseFirstChainsFail))
            ended[id].Answer?.Choices[0].Text.ShouldBe(job.Answer, ended[id].Failure?.Message);
        foreach (var (id, _) in load.Batches.Where(b => b.Value.Kind == ChaosKind.BatchThatCannotBePaid))
            ended[id].Failure?.Code.ShouldBe(JobFailureCodes.InsufficientQuota);
        ended.Values.Where(j => j.Phase == JobPhase.Failed && j.Failure?.Code != JobFailureCodes.InsufficientQuota).ShouldBeEmpty();

        phase = "money";
        await BooksAsync(platform, ended.Values);
        phase = "nodes";
        await NodesAsync(platform, [.. ended.Values.Where(j => j.Phase == JobPhase.Completed)]);
        phase = "sessions";
        await Eventually.Holds(
            () => Task.FromResult(platform.Network.Sessions.Items.All(s => s.Running.IsCompleted)),
            () => "open: " + string.Join(", ", platform.Network.Sessions.Items.Where(s => !s.Running.IsCompleted).Select(s => $"{s.Assignment.Job} chain {s.Assignment.Chain}.{s.Assignment.Attempt}")));
    }

    private static async Task<IReadOnlyDictionary<string, Ended>> EndAsync(Platform platform)
    {
        var ended = new Dictionary<string, Ended>();
        await foreach (var state in platform.Workflows.ListAsync(new WorkflowQuery { Name = InferenceJob.Name }))
        {
            var last = await Eventually.Gets(platform.Workflows.WaitForCompletionAsync(state.InstanceId), () => $"{state.InstanceId} {state.CustomStatusJson}");
            var job = JobSnapshot.Of(last)!;
            ended.Add(state.InstanceId, new Ended(job.Spec.Owner, job.Outcome!.Phase, job.Outcome.Answer, job.Outcome.Failure, job.Outcome.Charged));
        }

        return ended;
    }

    /// <summary>
    /// Each job's charge left its owner once and reached hosts and the protocol once: of completed jobs those of its stages, of cancelled ones those that had
    /// streamed something; all others cost nothing.
    /// </summary>
    private static async Task BooksAsync(Platform platform, IEnumerable<Ended> ended)
    {
        ended.Where(j => j.Phase is not (JobPhase.Completed or JobPhase.Cancelled)).ShouldAllBe(j => j.Charged == 0);
        ended.Where(j => j.Phase == JobPhase.Completed).ShouldAllBe(j => j.Charged == j.Info.Price.Charged);
        var completed = ended.Where(j => j.Phase == JobPhase.Completed).ToList();
        completed.ShouldAllBe(j => j.Info.Price.Charged > 0 && j.Info.Price.Charged <= j.Info.Price.Quoted);
        foreach (var (owner, granted) in new[] { ("user", Platform.Granted), ("other", Platform.Granted), ("admin", Platform.Granted), ("poor", 10L) })
        {
            var account = await platform.AccountAsync(owner);
            account.ShouldBe(new AccountStateView(owner, granted - ended.Where(j => j.Owner == owner).Sum(j => j.Charged), 0, 0));
        }

        long left = ended.Where(j => j.Phase == JobPhase.Cancelled).Sum(j => j.Charged);
        var stages = completed.SelectMany(j => j.Info.Chains).SelectMany(c => c.Stages).ToList();
        long hosts = 0;
        foreach (var node in platform.Network.Nodes)
        {
            var account = await platform.AccountAsync(node.Host);
            (account.Held + account.InFlight).ShouldBe(0, node.Host);
            account.Available.ShouldBeGreaterThanOrEqualTo(stages.Where(s => s.Host == node.Host).Sum(s => s.Earned));
            hosts += account.Available;
        }

        var protocol = await platform.AccountAsync("protocol");
        (protocol.Held + protocol.InFlight).ShouldBe(0);
        (hosts + protocol.Available).ShouldBe(completed.Sum(j => j.Info.Price.Charged) + left);
        (await platform.AllMoneyAsync()).ShouldBe(3 * Platform.Granted + 10);
    }

    /// <summary>Each node has booked exactly what its host was paid for it, and at least the completed jobs whose agreed chains it was part of.</summary>
    private static async Task NodesAsync(Platform platform, IReadOnlyList<Ended> completed)
    {
        var listed = (await platform.GetAsync<JsonElement>("/api/nodes")).GetProperty("nodes").EnumerateArray()
            .ToDictionary(n => n.GetProperty("node").GetString()!, n => (Jobs: n.GetProperty("jobs_served").GetInt64(), Earned: n.GetProperty("earned").GetInt64()));
        foreach (var node in platform.Network.Nodes)
        {
            listed[node.Id.Value].Earned.ShouldBe((await platform.AccountAsync(node.Host)).Available, node.Host);
            listed[node.Id.Value].Jobs.ShouldBeGreaterThanOrEqualTo(completed.Count(j => j.Info.Chains.Any(c => c.Stages.Any(s => s.Node == node.Id))), node.Host);
        }
    }

    private string Numbers(Platform platform, ChaosLoad load) =>
        $"{watch.Elapsed.TotalSeconds:0.0} s wall, {Process.GetCurrentProcess().TotalProcessorTime.TotalSeconds:0} s of processor, answered {load.Answered.Count}, batches {load.Batches.Count}, "
        + $"abandoned {load.Abandoned.Count}, repeats {load.Repeats.Values.Sum()} ({string.Join("; ", load.Repeats.OrderByDescending(r => r.Value).Take(5).Select(r => $"{r.Value} x {r.Key}"))}), assignments {platform.Network.Assignments.Items.Count}, sessions {platform.Network.Sessions.Items.Count}, "
        + string.Join(", ", platform.InjectedFaults.Select(f => $"{f.Key} {f.Value}"));

    private sealed record Ended(string Owner, JobPhase Phase, JobAnswer? Answer, JobFailure? Failure, long Charged)
    {
        public OrchestratorInfo Info => Answer!.Info;
    }
}
