using Orchestrator.Contracts;
using Orchestrator.Drill.Models;
using Orchestrator.Verification;

namespace Orchestrator.Drill.Network;

/// <summary>Runs a stage again as published, from what it received: the same passes, so that the same bits come out.</summary>
/// <param name="Chunks">Leaves of its chunks.</param>
/// <param name="Rows">On the last stage: the row of logits that each token is drawn from, by the token's place.</param>
/// <param name="Input">Root over what it received, to check against the receipt.</param>
public sealed record Replay(IReadOnlyList<ChunkRecord> Chunks, IReadOnlyList<(int Position, ReadOnlyMemory<byte> Row)> Rows, Digest Input)
{
    /// <summary>Runs.</summary>
    public static Replay Of(StageWork work)
    {
        using var session = work.Engines.Of(work.Stage).Open(work.Job.MaxTokens);
        using var committer = new ChoiceCommitter(work.Shard, work.IsLast);
        var rows = new List<(int, ReadOnlyMemory<byte>)>();
        foreach (var received in work.Received)
        {
            var outputs = session.Run(received.TokenIds.ToArray(), received.Pass.Tokens, received.Tensors);
            committer.Commit(received.Pass, received.TokenIds.ToArray(), received.Tensors, outputs, []);
            if (work.IsLast && received.Pass.DrawFrom < received.Pass.Tokens)
                rows.Add((received.Pass.Position + received.Pass.Tokens, Row(outputs[0], received.Pass)));
        }

        var commitment = committer.Finish();
        return new Replay([.. committer.Chunks], rows, commitment.Input);
    }

    /// <summary>The first of some chunks whose draws do not follow from these logits; null when all do.</summary>
    public int? WrongDraw(StageWork work, IReadOnlyList<int> drawn, IEnumerable<int> chunks)
    {
        if (!work.IsLast)
            return null;
        foreach (int index in chunks)
        {
            var chunk = ChunkPlan.At(work.Job.Prompt.Count, work.Committer.Tokens, index);
            // A pass at position p draws the token that takes place p + 1.
            var rows = Rows.Where(r => r.Position > chunk.Start && r.Position <= chunk.Start + chunk.Tokens).ToList();
            if (new DrawReplay().FirstWrong(new DrawTask(work.Job.Sampling, 0, drawn), work.Job.Prompt.Count, work.Engines.Model.Manifest.Vocabulary, rows) is not null)
                return index;
        }

        return null;
    }

    private static ReadOnlyMemory<byte> Row(Tensor logits, ChunkPass pass) => logits.Bytes[(logits.Bytes.Length / pass.Tokens * (pass.Tokens - 1))..].ToArray();
}
