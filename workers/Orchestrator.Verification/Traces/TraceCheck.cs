using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>Checks an opened leaf against the states around it. Never throws on hostile input.</summary>
public static class TraceCheck
{
    /// <summary>
    /// Whether the leaf is the step between two states. The path of the last leaf holds exactly the subtrees that make the state before,
    /// so it ties the leaf to both.
    /// </summary>
    /// <param name="answer">The opened leaf.</param>
    /// <param name="before">The state after <see cref="TraceLeaf.Step"/> steps.</param>
    /// <param name="after">The state after one more.</param>
    public static bool Fits(TraceLeaf answer, Digest before, Digest after)
    {
        if (answer.Step is < 0 or >= DisputeChecks.MaxTraceSteps || answer.Outputs.Count == 0 || answer.Outputs.Contains(default))
            return false;
        int step = (int)answer.Step;
        return MerkleTree.Contains(after, step + 1, step, TraceHash.Leaf(answer.Outputs), answer.Path) && Before(answer.Path) == before;
    }

    private static Digest Before(IReadOnlyList<Digest> path)
    {
        if (path.Count == 0)
            return MerkleTree.Root([]);
        byte[] node = MerkleTree.Bytes(path[0]);
        for (int i = 1; i < path.Count; i++)
            node = MerkleTree.Node(MerkleTree.Bytes(path[i]), node);
        return Digest.FromHash(node);
    }
}
