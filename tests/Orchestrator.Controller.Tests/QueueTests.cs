using CsCheck;
using Microsoft.Extensions.Time.Testing;
using Orchestrator.Controller.Queue;
using Orchestrator.Controller.Resources;

namespace Orchestrator.Controller.Tests;

/// <summary>The queue and its backoff, on a clock that tests move.</summary>
public sealed class QueueTests
{
    private static readonly ObjectKey A = new("ns", "a");
    private static readonly ObjectKey B = new("ns", "b");
    private readonly FakeTimeProvider clock = new(new DateTimeOffset(2026, 11, 28, 0, 0, 0, TimeSpan.Zero));
    private readonly WorkQueue queue;

    public QueueTests() => queue = new WorkQueue(TimeSpan.FromSeconds(1), new Backoff(TimeSpan.FromSeconds(2), TimeSpan.FromMinutes(1), () => 0), clock);

    [Fact]
    public async Task A_key_is_there_once_however_often_it_is_added()
    {
        queue.Add(A);
        queue.Add(A);
        queue.Depth.ShouldBe(1);

        (await TakeAsync()).ShouldBe(A);
        Pending().ShouldBeTrue();
    }

    [Fact]
    public async Task What_comes_while_a_key_is_worked_on_runs_it_once_more_after_the_debounce()
    {
        queue.Add(A);
        await TakeAsync();
        queue.Add(A);
        queue.Add(A);
        var next = queue.TakeAsync(CancellationToken.None);
        next.IsCompleted.ShouldBeFalse();

        queue.Done(A, null);
        next.IsCompleted.ShouldBeFalse();
        clock.Advance(TimeSpan.FromSeconds(1));
        (await next.WaitAsync(TimeSpan.FromSeconds(30))).ShouldBe(A);
        queue.Done(A, null);
        Pending().ShouldBeTrue();
    }

    [Fact]
    public async Task Failures_wait_twice_as_long_each_time_and_success_forgets_them()
    {
        queue.Add(A);
        foreach (int seconds in new[] { 2, 4, 8, 16, 32, 60, 60 })
        {
            await TakeAsync();
            queue.Failed(A);
            await DueInAsync(TimeSpan.FromSeconds(seconds));
        }

        await TakeAsync();
        queue.Done(A, TimeSpan.FromSeconds(5));
        await DueInAsync(TimeSpan.FromSeconds(5));
        await TakeAsync();
        queue.Failed(A);
        await DueInAsync(TimeSpan.FromSeconds(2));
    }

    [Fact]
    public async Task Ordinary_events_do_not_end_a_backoff_and_news_does()
    {
        queue.Add(A);
        await TakeAsync();
        queue.Add(A);
        queue.Failed(A);
        clock.Advance(TimeSpan.FromSeconds(1));
        queue.Add(A);
        queue.Depth.ShouldBe(0);

        queue.Add(A, fresh: true);
        (await TakeAsync()).ShouldBe(A);
    }

    [Fact]
    public async Task Other_keys_do_not_wait_for_one_that_fails()
    {
        queue.Add(A);
        await TakeAsync();
        queue.Failed(A);
        queue.Add(B);
        (await TakeAsync()).ShouldBe(B);
    }

    [Fact]
    public async Task Two_takers_never_have_the_same_key()
    {
        queue.Add(A);
        queue.Add(B);
        var taken = await Task.WhenAll(TakeAsync(), TakeAsync());
        taken.ShouldBe([A, B], ignoreOrder: true);
    }

    [Fact]
    public async Task Waiting_can_be_cancelled()
    {
        using var stop = new CancellationTokenSource();
        var waiting = queue.TakeAsync(stop.Token);
        await stop.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => waiting);
    }

    [Fact]
    public void No_wait_is_longer_than_the_longest_nor_shorter_than_the_first() =>
        Gen.Select(Gen.Int[1, 10_000], Gen.Double[0, 0.999]).Sample((failures, chance) =>
        {
            var wait = new Backoff(TimeSpan.FromSeconds(1), TimeSpan.FromMinutes(5), () => chance).After(failures);
            (wait >= TimeSpan.FromSeconds(1) && wait <= TimeSpan.FromMinutes(5)).ShouldBeTrue($"{wait}");
        });

    private async Task<ObjectKey> TakeAsync() => await queue.TakeAsync(CancellationToken.None).WaitAsync(TimeSpan.FromSeconds(30));

    private bool Pending()
    {
        using var stop = new CancellationTokenSource();
        bool pending = !queue.TakeAsync(stop.Token).IsCompleted;
        stop.Cancel();
        return pending;
    }

    private async Task DueInAsync(TimeSpan wait)
    {
        clock.Advance(wait - TimeSpan.FromMilliseconds(1));
        queue.Depth.ShouldBe(0, $"due before {wait}");
        clock.Advance(TimeSpan.FromMilliseconds(1));
        queue.Depth.ShouldBe(1, $"not due after {wait}");
        await Task.CompletedTask;
    }
}
