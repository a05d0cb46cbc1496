using System.Security.Cryptography;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>
/// A growing Merkle tree that answers for every prefix: the <em>state</em> after n steps is the root (see <see cref="MerkleTree"/>) over the
/// first n leaves. It keeps the complete subtrees, 64 bytes per leaf, so a root or a path takes a logarithmic number of hashes.
/// </summary>
public sealed class TraceTree
{
    private const int Size = SHA256.HashSizeInBytes;

    // levels[h] holds the nodes over 2^h leaves each, in order.
    private readonly List<NodeList> levels = [new()];

    /// <summary>Leaves so far.</summary>
    public int Count => levels[0].Count;

    /// <summary>Adds the leaf of the next step.</summary>
    public void Append(Digest leaf)
    {
        byte[] node = MerkleTree.Leaf(leaf);
        for (int height = 0; ; height++)
        {
            if (height == levels.Count)
                levels.Add(new NodeList());
            var level = levels[height];
            level.Add(node);
            if (level.Count % 2 != 0)
                return;
            node = MerkleTree.Node(level[level.Count - 2], node);
        }
    }

    /// <summary>The state after <paramref name="count"/> steps.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There are fewer leaves.</exception>
    public Digest State(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        return count == 0 ? MerkleTree.Root([]) : Digest.FromHash(Range(0, count));
    }

    /// <summary>The siblings, from the leaf up, of step <paramref name="step"/> in the tree of the first <paramref name="count"/> leaves.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such leaf.</exception>
    public IReadOnlyList<Digest> Path(int step, int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(step);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(step, count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, Count);
        var path = new List<Digest>();
        int start = 0;
        while (count > 1)
        {
            int left = MerkleTree.Left(count);
            bool goLeft = step - start < left;
            path.Add(Digest.FromHash(goLeft ? Range(start + left, count - left) : Range(start, left)));
            (start, count) = goLeft ? (start, left) : (start + left, count - left);
        }

        path.Reverse();
        return path;
    }

    // Starts are always multiples of the largest power of two in the range, as the tree's splits make them.
    private byte[] Range(int start, int count)
    {
        if (int.IsPow2(count))
            return levels[int.Log2(count)][start >> int.Log2(count)].ToArray();
        int left = MerkleTree.Left(count);
        return MerkleTree.Node(Range(start, left), Range(start + left, count - left));
    }

    private sealed class NodeList
    {
        private byte[] bytes = new byte[16 * Size];

        public int Count { get; private set; }

        public ReadOnlySpan<byte> this[int index] => bytes.AsSpan(index * Size, Size);

        public void Add(ReadOnlySpan<byte> node)
        {
            if ((Count + 1) * Size > bytes.Length)
                Array.Resize(ref bytes, bytes.Length * 2);
            node.CopyTo(bytes.AsSpan(Count++ * Size));
        }
    }
}
