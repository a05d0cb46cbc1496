using Orchestrator.Core.Audits;

namespace Orchestrator.Core.Tests.Audits;

public sealed class AuditLotteryTests
{
    private static readonly AuditPolicy Policy = AuditPolicy.Default;

    [Fact]
    public void The_same_signature_draws_the_same_and_another_does_not()
    {
        var tickets = Enumerable.Range(0, 16).Select(s => new StageTicket(0, s, .5, [10, 20])).ToList();

        string[] Draw(int seed) => [.. AuditLottery.Draw(Signature(seed), tickets, Policy).Select(d => $"{d.Stage}:{d.Chunks[0]}:{d.Planted}")];

        Draw(1).ShouldBe(Draw(1));
        Draw(1).ShouldNotBe(Draw(2));
    }

    [Fact]
    public void Stages_are_drawn_at_their_rates_and_chunks_alike()
    {
        const int Jobs = 20_000;
        var tickets = new[] { new StageTicket(0, 0, .1, [3, 1]), new StageTicket(0, 1, .5, [4]), new StageTicket(1, 0, 0, [4]), new StageTicket(1, 1, 1, [0]) };
        var draws = Enumerable.Range(0, Jobs).SelectMany(i => AuditLottery.Draw(Signature(i), tickets, Policy)).ToList();

        Near(draws.Count(d => d is { Chain: 0, Stage: 0 }), .1, Jobs);
        Near(draws.Count(d => d is { Chain: 0, Stage: 1 }), .5, Jobs);
        draws.ShouldNotContain(d => d.Chain == 1);
        var first = draws.Where(d => d.Stage == 0).ToList();
        for (int chunk = 0; chunk < 4; chunk++)
            Near(first.Count(d => d.Chunks[0] == (chunk < 3 ? new DrawnChunk(0, chunk) : new DrawnChunk(1, 0))), .25, first.Count);
        Near(draws.Count(d => d.Exact), Policy.ExactShare, draws.Count);
        Near(draws.Count(d => d is { Planted: true, Exact: false }), Policy.PlantedShare, draws.Count(d => !d.Exact));
        Near(draws.Count(d => d is { Planted: true, Exact: true }), Policy.PlantedExactShare, draws.Count(d => d.Exact));
    }

    [Fact]
    public void Several_chunks_are_distinct_and_no_more_than_there_are()
    {
        for (int i = 0; i < 500; i++)
        {
            var draw = AuditLottery.Draw(Signature(i), [new(0, 0, 1, [2, 0, 5])], Policy with { ChunksPerAudit = 5 }).ShouldHaveSingleItem();
            draw.Chunks.Distinct().Count().ShouldBe(5);
            draw.Chunks.ShouldAllBe(c => c.Choice == 0 && c.Chunk < 2 || c.Choice == 2 && c.Chunk < 5);
        }

        AuditLottery.Draw(Signature(1), [new(0, 0, 1, [2])], Policy with { ChunksPerAudit = 5 })[0].Chunks.Count.ShouldBe(2);
    }

    [Fact]
    public void A_signature_of_another_size_is_refused() => Should.Throw<ArgumentException>(() => AuditLottery.Draw(new byte[63], [], Policy));

    /// <summary>Within five standard deviations.</summary>
    private static void Near(int count, double rate, int of) =>
        Math.Abs(count - rate * of).ShouldBeLessThan(5 * Math.Sqrt(of * rate * (1 - rate)));

    private static byte[] Signature(int seed)
    {
        byte[] signature = new byte[AuditLottery.SignatureSize];
        new Random(seed).NextBytes(signature);
        return signature;
    }
}
