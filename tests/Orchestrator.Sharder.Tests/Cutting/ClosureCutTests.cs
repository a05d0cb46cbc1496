using CsCheck;
using Orchestrator.Sharder.Cutting;

namespace Orchestrator.Sharder.Tests.Cutting;

public sealed class ClosureCutTests
{
    private const int Nodes = 8;

    // Values of a random acyclic graph: a producer, some later consumers, a small cost or (one in eight) none that is finite.
    private static readonly Gen<CutProblem> Problems =
        Gen.Select(Gen.Int[0, Nodes - 2], Gen.Int[1, (1 << Nodes) - 1], Gen.Int[0, 7]).Array[1, 12].Select(values => new CutProblem(Nodes,
            [.. values.Select(value => new CutValue(
                value.Item1,
                [.. Enumerable.Range(0, Nodes).Where(node => node > value.Item1 && (value.Item2 >> node & 1) == 1)],
                value.Item3 == 0 ? Dinic.Infinite : value.Item3))]));

    [Fact]
    public void The_cut_is_the_cheapest_closed_set_and_of_those_the_largest() => Problems.Sample(problem =>
    {
        int[] before = [0], after = [Nodes - 1];
        var closed = Enumerable.Range(0, 1 << Nodes).Where(set => IsClosed(problem, set, before, after)).ToArray();
        long cheapest = closed.Length == 0 ? Dinic.Infinite : closed.Min(set => CostOf(problem, set));
        var cut = ClosureCut.Find(problem, before, after);
        if (cheapest >= Dinic.Infinite)
        {
            cut.ShouldBeNull();
            return;
        }

        cut.ShouldNotBeNull().Cost.ShouldBe(cheapest);
        SetOf(cut).ShouldBe(closed.Where(set => CostOf(problem, set) == cheapest).Aggregate(0, (union, set) => union | set));
    }, iter: 2_000);

    [Fact]
    public void Latest_cuts_of_growing_windows_are_nested() => Problems.Sample(problem =>
    {
        var early = ClosureCut.Find(problem, [0], [3, 5, Nodes - 1]);
        var late = ClosureCut.Find(problem, [0, 3], [5, Nodes - 1]);
        if (early is not null && late is not null)
            (SetOf(early) & ~SetOf(late)).ShouldBe(0);
    }, iter: 2_000);

    [Fact]
    public void A_value_read_twice_is_paid_once()
    {
        var problem = new CutProblem(3, [new CutValue(0, [1, 2], 5)]);

        ClosureCut.Find(problem, [0], [1, 2])!.Cost.ShouldBe(5);
    }

    [Fact]
    public void A_chain_of_a_hundred_thousand_nodes_does_not_overflow_the_stack()
    {
        const int Length = 100_000;
        var problem = new CutProblem(Length, [.. Enumerable.Range(0, Length - 1).Select(node => new CutValue(node, [node + 1], node == 77 ? 1 : 2))]);
        var cut = ClosureCut.Find(problem, [0], [Length - 1]).ShouldNotBeNull();

        cut.Cost.ShouldBe(1);
        cut.Before.Count(before => before).ShouldBe(78);
    }

    private static bool IsClosed(CutProblem problem, int set, int[] before, int[] after) =>
        before.All(node => Has(set, node)) && !after.Any(node => Has(set, node))
        && problem.Values.All(value => Has(set, value.Producer) || !value.Consumers.Any(consumer => Has(set, consumer)));

    private static long CostOf(CutProblem problem, int set) =>
        problem.Values.Where(value => Has(set, value.Producer) && value.Consumers.Any(consumer => !Has(set, consumer))).Sum(value => value.Cost);

    private static bool Has(int set, int node) => (set >> node & 1) == 1;

    private static int SetOf(Cut cut) => cut.Before.Select((before, node) => before ? 1 << node : 0).Sum();
}
