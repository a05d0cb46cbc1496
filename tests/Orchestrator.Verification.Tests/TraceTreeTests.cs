using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.TestKit;

namespace Orchestrator.Verification.Tests;

public sealed class TraceTreeTests
{
    private static readonly Digest[] Leaves = [.. Enumerable.Range(0, 130).Select(Some.Digest)];

    [Fact]
    public void The_state_after_n_steps_is_the_root_of_the_first_n_leaves()
    {
        var tree = Tree(Leaves);
        for (int count = 0; count <= Leaves.Length; count++)
            tree.State(count).ShouldBe(MerkleTree.Root(Leaves[..count]));
    }

    [Fact]
    public void Every_path_is_the_one_of_the_whole_tree() => Gen.Select(Gen.Int[1, Leaves.Length], Gen.Int[0, Leaves.Length - 1]).Sample((count, at) =>
    {
        int step = at % count;
        var path = Tree(Leaves).Path(step, count);
        path.ShouldBe(MerkleTree.Path(Leaves[..count], step));
        MerkleTree.Contains(MerkleTree.Root(Leaves[..count]), count, step, Leaves[step], path).ShouldBeTrue();
    });

    [Fact]
    public void An_opened_leaf_fits_the_states_around_it_and_no_others() => Gen.Select(Gen.Int[0, Leaves.Length - 1], Gen.Int[0, 5]).Sample((step, lie) =>
    {
        Digest[][] outputs = [.. Enumerable.Range(0, Leaves.Length).Select(i => new[] { Leaves[i], Some.Digest(1_000 + i) })];
        var tree = Tree([.. outputs.Select(TraceHash.Leaf)]);
        var honest = new TraceLeaf(1, Some.Node(), default, step, outputs[step], tree.Path(step, step + 1), default);
        Digest before = tree.State(step), after = tree.State(step + 1);
        TraceCheck.Fits(honest, before, after).ShouldBeTrue();
        TraceCheck.Fits(honest, before, Some.Digest(7)).ShouldBeFalse();
        TraceCheck.Fits(honest, Some.Digest(7), after).ShouldBeFalse();
        var liar = lie switch
        {
            0 => honest with { Outputs = [outputs[step][1], outputs[step][0]] },
            1 => honest with { Outputs = [outputs[step][0]] },
            2 => honest with { Path = [.. honest.Path.Select(_ => Some.Digest(7)), Some.Digest(7)] },
            3 => honest with { Path = [.. honest.Path, Some.Digest(7)] },
            4 => honest with { Step = long.MaxValue },
            _ => honest with { Outputs = [outputs[step][0], default] },
        };
        TraceCheck.Fits(liar, before, after).ShouldBeFalse();
    }, iter: 500);

    [Fact]
    public void Type_shape_and_bytes_of_a_tensor_all_count()
    {
        var tensor = new Tensor(ElementType.Float32, [2, 3], Some.Bytes(24));
        Tensor[] others =
        [
            tensor with { Type = ElementType.Int32 },
            tensor with { Shape = [3, 2] },
            tensor with { Shape = [2, 3, 1] },
            tensor with { Bytes = Some.Bytes(24, seed: 2) },
        ];
        others.Select(TraceHash.Of).Append(TraceHash.Of(tensor)).Distinct().Count().ShouldBe(5);
    }

    private static TraceTree Tree(IEnumerable<Digest> leaves)
    {
        var tree = new TraceTree();
        foreach (var leaf in leaves)
            tree.Append(leaf);
        return tree;
    }
}
