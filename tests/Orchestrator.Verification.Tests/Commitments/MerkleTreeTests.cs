using System.Security.Cryptography;
using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.TestKit;

namespace Orchestrator.Verification.Tests.Commitments;

public sealed class MerkleTreeTests
{
    private static readonly Gen<Digest[]> Leaves = Gen.Int[1, 40].Select(n => Enumerable.Range(0, n).Select(i => Some.Digest(i + 1)).ToArray());

    [Fact]
    public void The_root_is_that_of_the_rfcs_definition() =>
        Leaves.Sample(leaves => MerkleTree.Root(leaves).ShouldBe(Digest.FromHash(Definition(leaves))));

    [Fact]
    public void The_root_of_nothing_is_the_hash_of_nothing() =>
        MerkleTree.Root([]).Value.ShouldBe("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");

    [Fact]
    public void Every_leaf_is_proven_at_its_index_and_nowhere_else() =>
        Leaves.Sample(leaves =>
        {
            var root = MerkleTree.Root(leaves);
            for (int i = 0; i < leaves.Length; i++)
            {
                var path = MerkleTree.Path(leaves, i);
                MerkleTree.Contains(root, leaves.Length, i, leaves[i], path).ShouldBeTrue();
                MerkleTree.Contains(root, leaves.Length, i, Some.Digest(1000), path).ShouldBeFalse();
                MerkleTree.Contains(Some.Digest(1000), leaves.Length, i, leaves[i], path).ShouldBeFalse();
                for (int j = 0; j < leaves.Length; j++)
                {
                    if (j != i)
                        MerkleTree.Contains(root, leaves.Length, j, leaves[i], path).ShouldBeFalse();
                }
            }
        });

    [Fact]
    public void A_node_does_not_pass_as_a_leaf()
    {
        Digest[] leaves = [Some.Digest(1), Some.Digest(2), Some.Digest(3), Some.Digest(4)];
        var left = MerkleTree.Root(leaves.Take(2).ToArray());
        var right = MerkleTree.Root(leaves.Skip(2).ToArray());

        MerkleTree.Contains(MerkleTree.Root(leaves), 2, 0, left, [right]).ShouldBeFalse();
    }

    [Fact]
    public void Hostile_paths_are_refused_and_not_thrown_over()
    {
        var leaf = Some.Digest();
        var root = MerkleTree.Root([leaf]);
        MerkleTree.Contains(root, 1, 0, leaf, []).ShouldBeTrue();
        MerkleTree.Contains(root, 1, 0, leaf, [Some.Digest(2)]).ShouldBeFalse();
        MerkleTree.Contains(root, 0, 0, leaf, []).ShouldBeFalse();
        MerkleTree.Contains(root, 1, -1, leaf, []).ShouldBeFalse();
        MerkleTree.Contains(root, 1, 0, default, []).ShouldBeFalse();
        MerkleTree.Contains(root, 2, 0, leaf, [default]).ShouldBeFalse();
        MerkleTree.Contains(root, int.MaxValue, int.MaxValue - 1, leaf, [.. Enumerable.Repeat(leaf, 1000)]).ShouldBeFalse();
    }

    private static byte[] Definition(ReadOnlySpan<Digest> leaves)
    {
        if (leaves.Length == 1)
            return SHA256.HashData([0, .. Convert.FromHexString(leaves[0].Value)]);
        int split = 1;
        while (2 * split < leaves.Length)
            split *= 2;
        return SHA256.HashData([1, .. Definition(leaves[..split]), .. Definition(leaves[split..])]);
    }
}
