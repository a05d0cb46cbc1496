using Microsoft.Extensions.Time.Testing;
using Orchestrator.TestKit;

namespace Orchestrator.Telemetry.Tests;

public sealed class RecorderTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Items_that_keep_coming_do_not_prolong_a_wait_and_the_end_says_what_was_missing()
    {
        var time = new FakeTimeProvider();
        var items = new Recorder<int>(time);
        var waiting = items.CompleteAsync(all => all.Contains(-1) ? null : "the one below zero", Cancel);

        for (int i = 0; i < 4 && !waiting.IsCompleted; i++)
        {
            time.Advance(TimeSpan.FromSeconds(Eventually.LimitSeconds / 3 + 1));
            items.Add(i);
        }

        (await Should.ThrowAsync<TimeoutException>(waiting)).Message.ShouldContain("for the one below zero; ");
    }

    [Fact]
    public async Task A_wait_ends_with_the_item_that_completes_it()
    {
        var items = new Recorder<int>();
        var waiting = items.CompleteAsync(all => all.Count == 2 ? null : "two", Cancel);

        items.Add(1);
        items.Add(2);

        (await waiting).ShouldBe([1, 2]);
    }
}
