using System.Buffers.Binary;
using System.Security.Cryptography;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>The commitments that follow from the tokens alone, so that whoever knows prompt and answer can check stage 0 and the last stage.</summary>
public static class TokenCommitments
{
    /// <summary>Stage 0's <see cref="ChoiceCommitment.Input"/> for a prompt and the tokens drawn after it.</summary>
    /// <exception cref="ArgumentOutOfRangeException">The prompt is empty.</exception>
    public static Digest Input(IReadOnlyList<int> prompt, IReadOnlyList<int> drawn)
    {
        int ran = checked((int)ChunkPlan.Ran(prompt.Count, drawn.Count));
        using var hash = new BoundaryHash();
        var leaves = new List<Digest>();
        int[] pass = new int[PrefillPlan.ChunkTokens];
        foreach (var chunk in ChunkPlan.All(prompt.Count, ran))
        {
            foreach (var (position, tokens, _) in ChunkPlan.Passes(chunk, prompt.Count))
            {
                for (int i = 0; i < tokens; i++)
                    pass[i] = position + i < prompt.Count ? prompt[position + i] : drawn[position + i - prompt.Count];
                hash.AppendPass(position, pass.AsSpan(0, tokens));
            }

            leaves.Add(hash.Finish());
        }

        return MerkleTree.Root(leaves);
    }

    /// <summary>The last stage's <see cref="ChoiceCommitment.Draws"/>.</summary>
    public static Digest Draws(int promptTokens, IReadOnlyList<int> drawn)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Span<byte> draw = stackalloc byte[8];
        for (int i = 0; i < drawn.Count; i++)
            Append(hash, draw, promptTokens + i, drawn[i]);
        return Digest.FromHash(hash.GetCurrentHash());
    }

    internal static void Append(IncrementalHash hash, Span<byte> draw, int position, int token)
    {
        BinaryPrimitives.WriteInt32LittleEndian(draw, position);
        BinaryPrimitives.WriteInt32LittleEndian(draw[4..], token);
        hash.AppendData(draw);
    }
}
