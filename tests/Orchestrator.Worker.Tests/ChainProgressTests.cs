using Orchestrator.Contracts.DataPlane;
using Orchestrator.Worker.Edge;

namespace Orchestrator.Worker.Tests;

public sealed class ChainProgressTests
{
    [Fact]
    public void The_first_stage_that_is_behind_is_named()
    {
        Suspect((5, 5), (5, 5), (5, 4)).ShouldBe(2);
        Suspect((5, 5), (4, 4), (4, 4)).ShouldBe(1);
        Suspect((5, 5), null, (4, 4)).ShouldBe(1);
        Suspect((5, 4), null, null).ShouldBe(0);
        Suspect(null, null, null).ShouldBe(0);
        Suspect((5, 5), (5, 5), (5, 5)).ShouldBe(2);
    }

    [Fact]
    public void Progress_survives_its_encoding_and_nothing_else_is_one()
    {
        ProgressCodec.TryDecode(ProgressCodec.Encode(new(7, int.MaxValue)), out var progress).ShouldBeTrue();
        progress.ShouldBe(new StageProgress(7, int.MaxValue));
        ProgressCodec.TryDecode([], out _).ShouldBeFalse();
        ProgressCodec.TryDecode([0, 0, 0, 128, 0, 0, 0, 0], out _).ShouldBeFalse();
        ProgressCodec.TryDecode(new byte[9], out _).ShouldBeFalse();
    }

    [Fact]
    public void Patience_is_learned_from_the_slowest_answer_within_bounds()
    {
        var patience = new PassPatience();
        patience.Limit.ShouldBe(PassPatience.Longest);
        patience.Answered(TimeSpan.FromMilliseconds(5));
        patience.Limit.ShouldBe(PassPatience.Shortest);
        patience.Answered(TimeSpan.FromSeconds(2));
        patience.Answered(TimeSpan.FromSeconds(1));
        patience.Limit.ShouldBe(TimeSpan.FromSeconds(32));
        patience.Answered(TimeSpan.FromHours(1));
        patience.Limit.ShouldBe(PassPatience.Longest);
    }

    private static int Suspect(params (int Received, int PassedOn)?[] told)
    {
        var progress = new ChainProgress(told.Length);
        for (int stage = 0; stage < told.Length; stage++)
        {
            if (told[stage] is { } t)
                progress.Note(stage, new StageProgress(t.Received, t.PassedOn));
        }

        return progress.Suspect(5).Stage;
    }
}
