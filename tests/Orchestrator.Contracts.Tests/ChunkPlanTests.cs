using CsCheck;

namespace Orchestrator.Contracts.Tests;

public sealed class ChunkPlanTests
{
    private static readonly Gen<(int Prompt, int Tokens)> Lengths = Gen.Select(Gen.Int[1, 600], Gen.Int[0, 400]).Select((prompt, more) => (prompt, prompt + more));

    [Fact]
    public void Chunks_cover_every_token_once_and_in_order() =>
        Lengths.Sample(lengths =>
        {
            int next = 0;
            foreach (var chunk in ChunkPlan.All(lengths.Prompt, lengths.Tokens))
            {
                chunk.Start.ShouldBe(next);
                chunk.Tokens.ShouldBeInRange(1, chunk.Prefill ? PrefillPlan.ChunkTokens : ChunkPlan.DecodePasses);
                chunk.Prefill.ShouldBe(chunk.Start < lengths.Prompt);
                next += chunk.Tokens;
            }

            next.ShouldBe(lengths.Tokens);
            ChunkPlan.Count(lengths.Prompt, lengths.Tokens).ShouldBe(ChunkPlan.All(lengths.Prompt, lengths.Tokens).Count());
        });

    [Fact]
    public void Passes_are_those_an_edge_makes() =>
        Lengths.Sample(lengths =>
        {
            var passes = ChunkPlan.All(lengths.Prompt, lengths.Tokens).SelectMany(c => ChunkPlan.Passes(c, lengths.Prompt)).ToList();
            var prefill = PrefillPlan.Passes(lengths.Prompt).ToList();
            passes.Take(prefill.Count).Select(p => (p.Position, p.Tokens)).ShouldBe(prefill);
            passes.Skip(prefill.Count).ShouldBe(Enumerable.Range(lengths.Prompt, lengths.Tokens - lengths.Prompt).Select(p => new ChunkPass(p, 1, 0)));
            // One draw after the prompt, one after every further token.
            passes.Sum(p => p.Tokens - p.DrawFrom).ShouldBe(lengths.Tokens - lengths.Prompt + 1);
        });

    [Fact]
    public void A_position_is_in_the_chunk_that_covers_it() =>
        Lengths.Sample(lengths =>
        {
            foreach (var chunk in ChunkPlan.All(lengths.Prompt, lengths.Tokens))
                Enumerable.Range(chunk.Start, chunk.Tokens).ShouldAllBe(position => ChunkPlan.Holding(lengths.Prompt, position) == chunk.Index);
        });

    [Fact]
    public void A_stage_runs_all_tokens_but_the_last_drawn()
    {
        ChunkPlan.Ran(10, 1).ShouldBe(10);
        ChunkPlan.Ran(10, 5).ShouldBe(14);
        ChunkPlan.Ran(int.MaxValue, int.MaxValue).ShouldBe(2L * int.MaxValue - 1);
    }

    [Theory]
    [InlineData(0, 5)]
    [InlineData(-1, 5)]
    [InlineData(5, 4)]
    public void Lengths_that_cannot_be_are_refused(int prompt, int tokens) => Should.Throw<ArgumentOutOfRangeException>(() => ChunkPlan.Count(prompt, tokens));

    [Fact]
    public void A_chunk_that_is_not_there_is_refused()
    {
        Should.Throw<ArgumentOutOfRangeException>(() => ChunkPlan.At(5, 5, 1));
        Should.Throw<ArgumentOutOfRangeException>(() => ChunkPlan.At(5, 5, -1));
        ChunkPlan.Count(int.MaxValue, int.MaxValue).ShouldBe(1 << 24);
    }
}
