using Orchestrator.Contracts;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>Runs the stages of a fake model over known tokens and commits to what they did, as nodes do.</summary>
internal sealed class FakeStages
{
    private readonly FakeModel model;
    private readonly IStageEngine[] engines;

    private FakeStages(FakeModel model, IStageEngine[] engines) => (this.model, this.engines) = (model, engines);

    public static async Task<FakeStages> LoadAsync(FakeModel model)
    {
        using var folder = new TempFolder();
        var loader = new FakeStageLoader(model, FakeNetwork.Class);
        var engines = new IStageEngine[model.Manifest.Stages.Count];
        for (int stage = 0; stage < engines.Length; stage++)
            engines[stage] = await loader.LoadAsync(folder.Write($"shard{stage}", model.ShardFile(stage)), model.Manifest, stage, default);
        return new FakeStages(model, engines);
    }

    /// <summary>All stages over prompt and answer.</summary>
    /// <param name="prompt">The prompt.</param>
    /// <param name="drawn">Its answer, one token or more.</param>
    /// <param name="falsifies">Stages that put out something else than they computed.</param>
    public IReadOnlyList<FakeRecord> Run(IReadOnlyList<int> prompt, IReadOnlyList<int> drawn, Func<int, bool>? falsifies)
    {
        int ran = (int)ChunkPlan.Ran(prompt.Count, drawn.Count);
        int[] tokens = [.. prompt, .. drawn];
        List<FakeRecord> records = [];
        IReadOnlyList<IReadOnlyList<Tensor>> received = [];
        for (int stage = 0; stage < engines.Length; stage++)
        {
            using var file = new MemoryStream();
            using var writer = new InputFileWriter(file);
            using var run = new StageRun(model, engines[stage], falsifies?.Invoke(stage) ?? false, ran);
            int pass = 0;
            foreach (var (chunk, step) in Passes(prompt.Count, ran))
            {
                var ids = stage == 0 ? tokens.AsSpan(step.Position, step.Tokens) : [];
                IReadOnlyList<Tensor> tensors = stage == 0 ? [] : received[pass];
                if (stage == 0)
                    writer.Append(step.Position, ids);
                else
                    writer.Append(step.Position, step.Tokens, tensors);
                run.Pass(step, ids, tensors, step.DrawFrom < step.Tokens && stage == engines.Length - 1 ? [new TokenDraw(tokens[step.Position + step.Tokens], 0, [])] : []);
                pass++;
            }

            received = run.Sent;
            records.Add(run.Finish(file.ToArray()));
        }

        return records;
    }

    /// <summary>One stage over the passes of an input file.</summary>
    public FakeRecord Replay(int stage, Stream inputs, int promptTokens, int tokens, bool falsifies = false)
    {
        using var reader = new InputFileReader(inputs, model.Manifest.Stages[stage], promptTokens, tokens);
        using var run = new StageRun(model, engines[stage], falsifies, tokens);
        while (reader.Read() is { } pass)
            run.Pass(pass.Pass, pass.Tokens, pass.Received, []);
        return run.Finish([]);
    }

    private static IEnumerable<(Chunk Chunk, ChunkPass Pass)> Passes(int prompt, int ran) =>
        ChunkPlan.All(prompt, ran).SelectMany(c => ChunkPlan.Passes(c, prompt).Select(p => (c, p)));

    private sealed class StageRun(FakeModel model, IStageEngine engine, bool falsifies, int tokens) : IDisposable
    {
        private readonly IStageSession session = engine.Open(Math.Min(tokens + 1, model.Manifest.ContextLength));
        private readonly ChoiceCommitter committer = new(engine.Shard, engine.Shard.Stage == model.Manifest.Stages.Count - 1);
        private readonly List<FakeLeaf> leaves = [];

        public List<IReadOnlyList<Tensor>> Sent { get; } = [];

        public void Pass(ChunkPass pass, ReadOnlySpan<int> ids, IReadOnlyList<Tensor> received, IReadOnlyList<TokenDraw> drawn)
        {
            var sent = session.Run(ids, pass.Tokens, received);
            var honest = sent;
            if (falsifies)
            {
                byte[] bytes = sent[0].Bytes.ToArray();
                bytes[^1] ^= 1;
                sent = [sent[0] with { Bytes = bytes }, .. sent.Skip(1)];
            }

            Sent.Add(sent);
            // The trace of a fake pass: what came in, an operator in the middle, and the one that puts out.
            leaves.Add(new FakeLeaf([Digest.Of(System.Text.Encoding.ASCII.GetBytes($"received {pass.Position}"))]));
            leaves.Add(new FakeLeaf([TraceHash.Of(honest[0])]));
            leaves.Add(new FakeLeaf([.. sent.Select(TraceHash.Of)]));
            committer.Commit(pass, ids, received, sent, drawn);
        }

        public FakeRecord Finish(byte[] inputs)
        {
            var commitment = committer.Finish();
            return new FakeRecord(commitment, committer.Chunks, ChunkFile.Encode(committer.Chunks), inputs, leaves);
        }

        public void Dispose()
        {
            session.Dispose();
            committer.Dispose();
        }
    }
}

/// <summary>What a node keeps of a stage's run of a choice.</summary>
/// <param name="Commitment">What its receipt says.</param>
/// <param name="Chunks">The leaves.</param>
/// <param name="ChunkFile">As evidence.</param>
/// <param name="InputFile">As evidence; empty for a replay.</param>
/// <param name="Leaves">Of its trace, <see cref="StepsPerPass"/> a pass.</param>
internal sealed record FakeRecord(ChoiceCommitment Commitment, IReadOnlyList<ChunkRecord> Chunks, byte[] ChunkFile, byte[] InputFile, IReadOnlyList<FakeLeaf> Leaves)
{
    public const int StepsPerPass = 3;
}
