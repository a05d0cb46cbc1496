using Orchestrator.Contracts;
using Orchestrator.TestKit;

namespace Orchestrator.Verification.Tests;

/// <summary>One choice run by honest stages of a <see cref="FakeModel"/> in this thread: what each committed to, kept and signed.</summary>
internal sealed class SampleChain
{
    public static readonly FakeModel Model = new(layers: 6, stages: 3);

    private static readonly ExecutionClass Class = new("fake/1", "cpu", "disabled", "none");

    private SampleChain(int[] prompt, int[] drawn) => (Prompt, Drawn) = (prompt, drawn);

    public int[] Prompt { get; }

    public int[] Drawn { get; }

    public List<ChoiceCommitment> Commitments { get; } = [];

    public List<IReadOnlyList<ChunkRecord>> Chunks { get; } = [];

    public List<byte[]> Inputs { get; } = [];

    public static async Task<SampleChain> RunAsync(int promptTokens, int drawnTokens)
    {
        using var folder = new TempFolder();
        int[] prompt = [.. Enumerable.Range(0, promptTokens).Select(i => (i * 7 + 3) % 256)], drawn = [.. Enumerable.Range(0, drawnTokens).Select(i => (i * 5 + 1) % 256)];
        var chain = new SampleChain(prompt, drawn);
        int[] all = [.. prompt, .. drawn];
        int ran = (int)ChunkPlan.Ran(promptTokens, drawnTokens);
        var passes = ChunkPlan.All(promptTokens, ran).SelectMany(c => ChunkPlan.Passes(c, promptTokens)).ToList();
        var received = passes.ToDictionary(p => p.Position, _ => (IReadOnlyList<Tensor>)[]);
        for (int stage = 0; stage < Model.Manifest.Stages.Count; stage++)
        {
            string path = folder[$"shard{stage}"];
            await File.WriteAllBytesAsync(path, Model.ShardFile(stage));
            using var engine = await new FakeStageLoader(Model, Class).LoadAsync(path, Model.Manifest, stage, default);
            using var session = engine.Open(Model.Manifest.ContextLength);
            bool last = stage == Model.Manifest.Stages.Count - 1;
            using var committer = new ChoiceCommitter(engine.Shard, last);
            var file = new MemoryStream();
            using (var inputs = new InputFileWriter(file))
            {
                foreach (var pass in passes)
                {
                    var tokens = all.AsSpan(pass.Position, pass.Tokens);
                    committer.Check(pass);
                    var sent = session.Run(stage == 0 ? tokens : [], pass.Tokens, received[pass.Position]);
                    IReadOnlyList<TokenDraw> draws = last && pass.DrawFrom < pass.Tokens ? [new TokenDraw(all[pass.Position + pass.Tokens], 0, [])] : [];
                    committer.Commit(pass, tokens, received[pass.Position], sent, draws);
                    if (stage == 0)
                        inputs.Append(pass.Position, tokens);
                    else
                        inputs.Append(pass.Position, pass.Tokens, received[pass.Position]);
                    received[pass.Position] = [.. sent.Select(t => t with { Bytes = t.Bytes.ToArray() })];
                }
            }

            chain.Commitments.Add(committer.Finish());
            chain.Chunks.Add(committer.Chunks);
            chain.Inputs.Add(file.ToArray());
        }

        return chain;
    }

    /// <summary>The document of a job with this chain, after a change to what a stage signs and to what the edge does.</summary>
    public ReceiptsDocument Document(Func<int, Receipt, Receipt>? change = null, Func<ChainResult, ChainResult>? answer = null, Func<int, int>? signer = null)
    {
        var session = SessionId.Derive(Some.Job(), 0, 0);
        List<SignedMessage> receipts = [];
        for (int stage = 0; stage < Commitments.Count; stage++)
        {
            using var key = Some.Key(signer?.Invoke(stage) ?? stage + 1);
            var shard = Model.Manifest.Stages[stage];
            var receipt = new Receipt(
                Receipt.CurrentSchema, Some.Node(stage + 1), Some.Job(), session, Model.ManifestDigest, stage, shard.Layers, shard.Blob, Class,
                stage == 0 ? null : Digest.Of(receipts[^1].Payload), [Commitments[stage]], Drawn.Length, 1000 + stage, DateTimeOffset.UnixEpoch.AddDays(1));
            receipts.Add(MessageSigning.Seal(MessageTypes.Receipt, change?.Invoke(stage, receipt) ?? receipt, ContractsJson.Default.Receipt, key));
        }

        using var edge = Some.Key();
        var result = new ChainResult(
            ChainResult.CurrentSchema, edge.Node, Some.Job(), session, 0, 0, Prompt.Length, [new ChoiceResult(Drawn, "", FinishReason.Length)], receipts,
            new ChainTiming(1, 2, 3), null, Some.Digest(9));
        var message = MessageSigning.Seal(MessageTypes.ChainResult, answer?.Invoke(result) ?? result, ContractsJson.Default.ChainResult, edge);
        return new ReceiptsDocument(ReceiptsDocument.CurrentSchema, Some.Job(), Model.ManifestJson, [message], null);
    }
}
