using System.Security.Cryptography;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>
/// Builds a stage's commitment to one choice, pass by pass. Stages, and auditors who replay the same passes, use the same code.
/// Passes must follow <see cref="ChunkPlan"/>: full prefill passes, a prefill pass that ends in the first draw, then one token at a time.
/// Not thread-safe.
/// </summary>
public sealed class ChoiceCommitter : IDisposable
{
    private readonly bool last;
    private readonly BoundaryHash input = new();
    private readonly BoundaryHash output = new();
    private readonly IncrementalHash draws = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly FingerprintBuilder fingerprint;
    private readonly List<ChunkRecord> chunks = [];
    private bool prefilled;
    private int open;

    /// <summary>Starts with nothing run.</summary>
    /// <param name="shard">The stage's shard.</param>
    /// <param name="last">Whether it is the last stage, which puts out the logits it draws from.</param>
    public ChoiceCommitter(ShardManifest shard, bool last)
    {
        this.last = last;
        fingerprint = new FingerprintBuilder(FingerprintBuilder.TypeOf(shard));
    }

    /// <summary>Tokens committed to.</summary>
    public int Tokens { get; private set; }

    /// <summary>Tokens of the prompt; 0 before its last pass.</summary>
    public int PromptTokens { get; private set; }

    /// <summary>Chunks that are complete; all of them after <see cref="Finish"/>.</summary>
    public IReadOnlyList<ChunkRecord> Chunks => chunks;

    /// <summary>Refuses a pass that does not follow the plan, before anything is computed for it.</summary>
    /// <exception cref="InvalidDataException">The pass would make a commitment that nobody could check.</exception>
    public void Check(ChunkPass pass)
    {
        if (pass.Position != Tokens)
            throw new InvalidDataException($"The pass starts at {pass.Position}, {Tokens} tokens have run.");
        bool fits = prefilled
            ? pass is { Tokens: 1, DrawFrom: 0 }
            : pass.Tokens is >= 1 and <= PrefillPlan.ChunkTokens
              && (pass.DrawFrom == pass.Tokens - 1 || pass is { DrawFrom: PrefillPlan.ChunkTokens, Tokens: PrefillPlan.ChunkTokens });
        if (!fits)
            throw new InvalidDataException(
                $"A pass of {pass.Tokens} tokens that draws from {pass.DrawFrom} does not follow the plan: prompts enter {PrefillPlan.ChunkTokens} at a time with one draw at their end, answers one token at a time.");
    }

    /// <summary>Commits to a pass that was checked and run.</summary>
    /// <param name="pass">The pass.</param>
    /// <param name="tokens">Token ids; read on stage 0.</param>
    /// <param name="received">Tensors received; empty on stage 0.</param>
    /// <param name="sent">Tensors of <see cref="ShardManifest.Sends"/>.</param>
    /// <param name="drawn">Tokens drawn after it; empty unless this is the last stage.</param>
    public void Commit(ChunkPass pass, ReadOnlySpan<int> tokens, IReadOnlyList<Tensor> received, IReadOnlyList<Tensor> sent, IReadOnlyList<TokenDraw> drawn)
    {
        if (received.Count == 0)
            input.AppendPass(pass.Position, tokens);
        else
            input.AppendPass(pass.Position, pass.Tokens, received);
        Put(pass, sent);
        Span<byte> draw = stackalloc byte[8];
        for (int i = 0; i < drawn.Count; i++)
            TokenCommitments.Append(draws, draw, pass.Position + pass.DrawFrom + i + 1, drawn[i].Token);

        Tokens += pass.Tokens;
        open++;
        if (!prefilled || open == ChunkPlan.DecodePasses)
            EndChunk();
        if (!prefilled && pass.DrawFrom < pass.Tokens)
        {
            prefilled = true;
            PromptTokens = Tokens;
        }
    }

    /// <summary>Ends the last chunk and says what the receipt says; nothing may follow.</summary>
    public ChoiceCommitment Finish()
    {
        if (open > 0)
            EndChunk();
        return new ChoiceCommitment(
            Tokens,
            chunks.Count,
            MerkleTree.Root([.. chunks.Select(c => c.Input)]),
            MerkleTree.Root([.. chunks.Select(c => c.Output)]),
            MerkleTree.Root([.. chunks.Select(c => Digest.Of(c.Fingerprint))]),
            last ? Digest.FromHash(draws.GetCurrentHash()) : null);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        input.Dispose();
        output.Dispose();
        draws.Dispose();
    }

    private void Put(ChunkPass pass, IReadOnlyList<Tensor> sent)
    {
        if (!last)
        {
            output.AppendPass(pass.Position, pass.Tokens, sent);
            foreach (var tensor in sent)
                fingerprint.Add(tensor.Type, tensor.Bytes.Span);
            return;
        }

        // Only the rows drawn from are committed to: the others have no effect.
        int rows = pass.Tokens - pass.DrawFrom;
        output.BeginPass(pass.Position, pass.Tokens, rows == 0 ? 0 : 1);
        if (rows == 0)
            return;
        var logits = sent[0].Bytes.Span[(sent[0].Bytes.Length / pass.Tokens * pass.DrawFrom)..];
        output.Append(sent[0].Type, logits);
        fingerprint.Add(sent[0].Type, logits);
    }

    private void EndChunk()
    {
        chunks.Add(new ChunkRecord(input.Finish(), output.Finish(), fingerprint.Finish()));
        open = 0;
    }
}
