using Orchestrator.Sidecar.Actors;

namespace Orchestrator.Sidecar.Tests.Actors;

public sealed class TurnLockTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Turns_are_granted_in_order_of_arrival()
    {
        var turn = new TurnLock();
        (await turn.EnterAsync("a", 1, Cancel)).ShouldBeTrue();
        var b = turn.EnterAsync("b", 1, Cancel);
        var c = turn.EnterAsync("c", 1, Cancel);

        turn.Exit();
        (await b).ShouldBeTrue();
        c.IsCompleted.ShouldBeFalse();
        turn.Exit();
        (await c).ShouldBeTrue();
        turn.Exit();
        turn.IsBusy.ShouldBeFalse();
    }

    [Fact]
    public async Task The_holder_enters_again_up_to_the_depth()
    {
        var turn = new TurnLock();
        (await turn.EnterAsync("a", 2, Cancel)).ShouldBeTrue();
        (await turn.EnterAsync("a", 2, Cancel)).ShouldBeTrue();
        (await turn.EnterAsync("a", 2, Cancel)).ShouldBeFalse();

        turn.Exit();
        turn.IsOutermost.ShouldBeTrue();
        turn.Exit();
        turn.IsBusy.ShouldBeFalse();
    }

    [Fact]
    public async Task One_who_gives_up_waiting_does_not_block_the_next()
    {
        var turn = new TurnLock();
        await turn.EnterAsync("a", 1, Cancel);
        using var impatient = new CancellationTokenSource();
        var b = turn.EnterAsync("b", 1, impatient.Token);
        var c = turn.EnterAsync("c", 1, Cancel);

        await impatient.CancelAsync();
        await Should.ThrowAsync<OperationCanceledException>(() => b);
        turn.Exit();

        (await c).ShouldBeTrue();
    }

    [Fact]
    public void Placement_moves_only_what_the_new_host_takes()
    {
        var actors = Enumerable.Range(0, 300).Select(i => new ActorRef("T", $"id{i}")).ToList();
        var before = actors.ToDictionary(a => a, a => Placement.Choose(a, ["one", "two"]));

        var after = actors.ToDictionary(a => a, a => Placement.Choose(a, ["two", "three", "one"]));

        actors.ShouldAllBe(a => after[a] == before[a] || after[a] == "three");
        after.Values.Count(h => h == "three").ShouldBeInRange(60, 140);
        Placement.Choose(actors[0], []).ShouldBeNull();
    }
}
