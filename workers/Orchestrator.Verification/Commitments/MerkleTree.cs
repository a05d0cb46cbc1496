using System.Security.Cryptography;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>
/// The Merkle tree of RFC 6962 §2.1 over digests: a leaf is <c>SHA-256(0x00 || digest)</c>, a node <c>SHA-256(0x01 || left || right)</c>, the left
/// subtree is the largest power of two below the count, and the root of nothing is SHA-256 of nothing. The prefixes keep a node from passing as a leaf.
/// </summary>
public static class MerkleTree
{
    /// <summary>Most steps of a path: 2^31 leaves.</summary>
    public const int LongestPath = 31;

    /// <summary>Root over the leaves in order.</summary>
    public static Digest Root(IReadOnlyList<Digest> leaves) =>
        leaves.Count == 0 ? Digest.Of([]) : Digest.FromHash(Subtree(leaves, 0, leaves.Count));

    /// <summary>The siblings of a leaf, from the leaf up.</summary>
    /// <exception cref="ArgumentOutOfRangeException">There is no such leaf.</exception>
    public static IReadOnlyList<Digest> Path(IReadOnlyList<Digest> leaves, int index)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(index);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(index, leaves.Count);
        var path = new List<Digest>();
        int start = 0, count = leaves.Count;
        while (count > 1)
        {
            int left = Left(count);
            bool goLeft = index - start < left;
            path.Add(Digest.FromHash(goLeft ? Subtree(leaves, start + left, count - left) : Subtree(leaves, start, left)));
            (start, count) = goLeft ? (start, left) : (start + left, count - left);
        }

        path.Reverse();
        return path;
    }

    /// <summary>Whether a leaf lies at an index of a tree with that root and number of leaves. Never throws on hostile input.</summary>
    public static bool Contains(Digest root, int count, int index, Digest leaf, IReadOnlyList<Digest> path)
    {
        if (index < 0 || index >= count || leaf == default || path.Count > LongestPath)
            return false;
        var sides = new Stack<bool>();
        for (int start = 0; count > 1;)
        {
            int left = Left(count);
            bool goLeft = index - start < left;
            sides.Push(goLeft);
            (start, count) = goLeft ? (start, left) : (start + left, count - left);
        }

        if (path.Count != sides.Count || path.Any(p => p == default))
            return false;
        byte[] hash = Leaf(leaf);
        foreach (var sibling in path)
            hash = sides.Pop() ? Node(hash, Bytes(sibling)) : Node(Bytes(sibling), hash);
        return Digest.FromHash(hash) == root;
    }

    private static byte[] Subtree(IReadOnlyList<Digest> leaves, int start, int count)
    {
        if (count == 1)
            return Leaf(leaves[start]);
        int left = Left(count);
        return Node(Subtree(leaves, start, left), Subtree(leaves, start + left, count - left));
    }

    internal static int Left(int count) => 1 << (31 - int.LeadingZeroCount(count - 1));

    internal static byte[] Leaf(Digest digest)
    {
        Span<byte> text = stackalloc byte[1 + SHA256.HashSizeInBytes];
        text[0] = 0;
        digest.CopyTo(text[1..]);
        return SHA256.HashData(text);
    }

    internal static byte[] Node(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        Span<byte> text = stackalloc byte[1 + 2 * SHA256.HashSizeInBytes];
        text[0] = 1;
        left.CopyTo(text[1..]);
        right.CopyTo(text[(1 + SHA256.HashSizeInBytes)..]);
        return SHA256.HashData(text);
    }

    internal static byte[] Bytes(Digest digest)
    {
        byte[] bytes = new byte[SHA256.HashSizeInBytes];
        digest.CopyTo(bytes);
        return bytes;
    }
}
