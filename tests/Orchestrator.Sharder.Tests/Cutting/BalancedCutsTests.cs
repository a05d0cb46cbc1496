using CsCheck;
using Orchestrator.Sharder.Cutting;

namespace Orchestrator.Sharder.Tests.Cutting;

public sealed class BalancedCutsTests
{
    // Up to eight cuts: what each adds before it, and its width; then the weight after the last cut, and a number of stages.
    private static readonly Gen<(CutOption[] Cuts, Weight Whole, int Stages)> Problems =
        from pieces in Gen.Select(Gen.Long[0, 50], Gen.Long[0, 50], Gen.Long[1, 500]).Array[0, 8]
        from tail in Gen.Select(Gen.Long[0, 50], Gen.Long[0, 50])
        from stages in Gen.Int[1, pieces.Length + 1]
        select Problem(pieces, tail, stages);

    [Fact]
    public void No_other_choice_of_cuts_scores_better() => Problems.Sample(problem =>
    {
        int[] chosen = BalancedCuts.Choose(problem.Cuts, problem.Whole, problem.Stages);

        chosen.Length.ShouldBe(problem.Stages - 1);
        chosen.ShouldBe([.. chosen.Distinct().Order()]);
        double best = Choices(problem.Cuts.Length, problem.Stages - 1).Min(choice => Score(problem, choice));
        Score(problem, chosen).ShouldBe(best, 1e-9 * Math.Max(1, best));
    }, iter: 2_000);

    [Fact]
    public void Equal_layers_are_dealt_evenly()
    {
        CutOption[] cuts = [.. Enumerable.Range(1, 7).Select(layer => new CutOption(new Weight(100 * layer, 100 * layer), 64))];

        BalancedCuts.Choose(cuts, new Weight(800, 800), 4).ShouldBe([1, 3, 5]);
    }

    [Fact]
    public void More_stages_than_pieces_are_refused() =>
        Should.Throw<ArgumentOutOfRangeException>(() => BalancedCuts.Choose([], new Weight(1, 1), 2));

    private static double Score((CutOption[] Cuts, Weight Whole, int Stages) problem, int[] choice)
    {
        CutOption[] ends = [default, .. choice.Select(cut => problem.Cuts[cut]), new CutOption(problem.Whole, 0)];
        long narrowest = problem.Cuts.Length == 0 ? 1 : problem.Cuts.Min(cut => cut.Width);
        return ends.Skip(1).Zip(ends, (end, start) => BalancedCuts.Score(start, end, problem.Whole, problem.Stages, narrowest)).Sum();
    }

    private static IEnumerable<int[]> Choices(int cuts, int count) =>
        Enumerable.Range(0, 1 << cuts).Select(set => Enumerable.Range(0, cuts).Where(cut => (set >> cut & 1) == 1).ToArray()).Where(choice => choice.Length == count);

    private static (CutOption[], Weight, int) Problem((long, long, long)[] pieces, (long, long) tail, int stages)
    {
        var sum = default(Weight);
        var cuts = new List<CutOption>();
        foreach (var (compute, memory, width) in pieces)
        {
            sum += new Weight(compute, memory);
            cuts.Add(new CutOption(sum, width));
        }

        return ([.. cuts], sum + new Weight(tail.Item1, tail.Item2), stages);
    }
}
