using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>A job whose stage has lost its last holder waits for it, and does not ask it until its attempts are used up.</summary>
public sealed class PatienceTests
{
    private static readonly TimeSpan Deadline = TimeSpan.FromMinutes(2);

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_job_outlasts_the_death_of_a_stages_only_holder()
    {
        await using var platform = await StartAsync();
        platform.Network.Behave = _ => Dead;
        string job = await platform.SubmitAsync();
        await WaitsAsync(platform, job);

        platform.Network.Behave = _ => Script.Honest;
        await platform.Network.BeatAsync();
        await Eventually.Gets(platform.Workflows.WaitForCompletionAsync(job, Cancel), () => "the job does not end");

        var view = await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
        view.GetProperty("status").GetString().ShouldBe("completed", view.GetRawText());
        platform.Network.Assignments.Items.Select(a => a.Attempt).Distinct().ShouldBe([0, 1, 2]);
        await platform.ShouldBalanceAsync();
    }

    [Fact]
    public async Task A_job_whose_last_holder_stays_away_ends_at_its_deadline_and_says_what_it_waited_for()
    {
        using var clock = new RunningClock();
        await using var platform = await StartAsync(clock);
        platform.Network.Behave = _ => Dead;
        string job = await platform.SubmitAsync();
        await WaitsAsync(platform, job);

        clock.Advance(Deadline);
        await Eventually.Gets(platform.Workflows.WaitForCompletionAsync(job, Cancel), () => "the job does not end");

        string view = (await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey)).GetRawText();
        view.ShouldContain("deadline_exceeded");
        view.ShouldContain("It waited for nodes at the end");
        view.ShouldContain("1 failed and not heard since");
        platform.Network.Assignments.Items.Max(a => a.Attempt).ShouldBe(1);
        await platform.ShouldBalanceAsync();
    }

    private static Script Dead => new() { Failure = new ChainFailure(FailureCodes.Unreachable, "stage 1 is gone", 1) };

    private static Task<Platform> StartAsync(RunningClock? clock = null) =>
        Platform.StartAsync(nodes: 4, chains: 1, o => o with { DefaultChains = 1, JobDeadline = Deadline }, time: clock);

    private static async Task WaitsAsync(Platform platform, string job)
    {
        string state = "";
        await Eventually.Holds(
            async () =>
            {
                state = await platform.StateAsync(job);
                return state.Contains("not heard since", StringComparison.Ordinal);
            },
            () => state,
            cancel: Cancel);
    }
}
