using Orchestrator.Worker.Shards;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests;

public sealed class StageExecutorTests
{
    [Fact]
    public async Task A_lent_thread_runs_a_short_turn_itself_once_it_asks_for_it()
    {
        await using var executor = new StageExecutor();
        var turn = new Turn(isShort: true);
        int thread = await OnLentThread(() =>
        {
            executor.Schedule(turn);
            turn.Ran.IsCompleted.ShouldBeFalse();
            StageExecutor.RunKept();
        });
        (await turn.Ran).ShouldBe(thread);
    }

    [Fact]
    public async Task Long_turns_and_those_of_other_threads_run_on_the_executors_own()
    {
        await using var executor = new StageExecutor();
        var (elsewhere, prefill) = (new Turn(isShort: true), new Turn(isShort: false));
        executor.Schedule(elsewhere);
        int own = await elsewhere.Ran.WaitAsync(TestNetwork.Patience, TestContext.Current.CancellationToken);
        int lent = await OnLentThread(() =>
        {
            executor.Schedule(prefill);
            StageExecutor.RunKept();
        });
        (await prefill.Ran.WaitAsync(TestNetwork.Patience, TestContext.Current.CancellationToken)).ShouldBe(own);
        own.ShouldNotBe(lent);
    }

    [Fact]
    public async Task Turns_never_overlap_and_what_comes_meanwhile_is_run_after()
    {
        await using var executor = new StageExecutor();
        using var release = new ManualResetEventSlim();
        var (first, second) = (new Turn(isShort: true, release), new Turn(isShort: true));
        var lent = OnLentThread(() =>
        {
            executor.Schedule(first);
            StageExecutor.RunKept();
        });
        await first.Began.WaitAsync(TestNetwork.Patience, TestContext.Current.CancellationToken);
        executor.Schedule(second);
        second.Began.IsCompleted.ShouldBeFalse();
        release.Set();
        (await second.Ran.WaitAsync(TestNetwork.Patience, TestContext.Current.CancellationToken)).ShouldNotBe(await lent);
    }

    [Fact]
    public async Task Every_turn_has_run_when_the_executor_is_gone()
    {
        var executor = new StageExecutor();
        Turn[] turns = [.. Enumerable.Range(0, 20).Select(_ => new Turn(isShort: false))];
        foreach (var turn in turns)
            executor.Schedule(turn);
        await executor.DisposeAsync().AsTask().WaitAsync(TestNetwork.Patience, TestContext.Current.CancellationToken);
        turns.ShouldAllBe(turn => turn.Ran.IsCompletedSuccessfully);
    }

    private static async Task<int> OnLentThread(Action work)
    {
        var done = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
        new Thread(() =>
        {
            try
            {
                StageExecutor.LendThread();
                work();
                done.SetResult(Environment.CurrentManagedThreadId);
            }
            catch (Exception e)
            {
                done.SetException(e);
            }
        }).Start();
        return await done.Task.WaitAsync(TestNetwork.Patience);
    }

    private sealed class Turn(bool isShort, ManualResetEventSlim? wait = null) : IExecutable
    {
        private readonly TaskCompletionSource began = new(TaskCreationOptions.RunContinuationsAsynchronously);
        private readonly TaskCompletionSource<int> ran = new(TaskCreationOptions.RunContinuationsAsynchronously);

        public Task Began => began.Task;

        public Task<int> Ran => ran.Task;

        public bool IsShort => isShort;

        public bool RunNext()
        {
            began.SetResult();
            wait?.Wait(TestNetwork.Patience);
            ran.SetResult(Environment.CurrentManagedThreadId);
            return false;
        }
    }
}
