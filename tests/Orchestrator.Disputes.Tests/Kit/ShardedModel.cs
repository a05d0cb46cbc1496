using Orchestrator.Contracts;
using Orchestrator.Disputes.Evidence;
using Orchestrator.Disputes.Traces;
using Orchestrator.Onnx.Execution;
using Orchestrator.Sharder;
using Orchestrator.Sharder.Operators;
using Orchestrator.Verification;

namespace Orchestrator.Disputes.Tests.Kit;

/// <summary>Shards on disk and loaded as a node loads them.</summary>
public sealed class ShardedModel(ShardingResult shards, IReadOnlyList<IStageEngine> engines) : IDisposable
{
    public ModelManifest Manifest => shards.Manifest;

    public string ShardPath(int stage) => shards.ShardPaths[stage];

    public static async Task<ShardedModel> LoadAsync(ShardingResult shards, CancellationToken cancel)
    {
        var loader = new OnnxStageLoader(new OnnxOptions(ProviderPreference.Cpu));
        var engines = new List<IStageEngine>();
        for (int stage = 0; stage < shards.Manifest.Stages.Count; stage++)
            engines.Add(await loader.LoadAsync(shards.ShardPaths[stage], shards.Manifest, stage, cancel));
        return new ShardedModel(shards, engines);
    }

    public TracedShard Trace(int stage) => TracedShard.Load(Models.Runtime, ShardPath(stage), Manifest, stage);

    /// <summary>Generates greedily with the engines that nodes use, and records what every stage got and committed to.</summary>
    public Recording Generate(int promptTokens, int tokens, int seed = 1)
    {
        var random = new Random(seed);
        int[] all = new int[tokens];
        for (int i = 0; i < promptTokens; i++)
            all[i] = random.Next(256);
        var received = engines.Select(_ => new List<ReceivedPass>()).ToArray();
        var chunks = engines.Select(_ => new List<Digest>()).ToArray();
        var sessions = engines.Select(engine => engine.Open(tokens)).ToArray();
        foreach (var chunk in ChunkPlan.All(promptTokens, tokens))
        {
            var hashes = engines.Select(_ => new BoundaryHash()).ToArray();
            foreach (var pass in ChunkPlan.Passes(chunk, promptTokens))
            {
                IReadOnlyList<Tensor> boundary = [];
                for (int stage = 0; stage < sessions.Length; stage++)
                {
                    int[] ids = stage == 0 ? all[pass.Position..(pass.Position + pass.Tokens)] : [];
                    received[stage].Add(new ReceivedPass(pass, ids, [.. boundary.Select(Copy)]));
                    boundary = sessions[stage].Run(ids, pass.Tokens, boundary);
                    ChunkOutputs.Append(hashes[stage], pass, boundary, last: stage == sessions.Length - 1);
                }

                if (pass.DrawFrom < pass.Tokens && pass.Position + pass.Tokens < tokens)
                    all[pass.Position + pass.Tokens] = Largest(boundary[0]);
            }

            for (int stage = 0; stage < hashes.Length; stage++)
            {
                chunks[stage].Add(hashes[stage].Finish());
                hashes[stage].Dispose();
            }
        }

        foreach (var session in sessions)
            session.Dispose();
        return new Recording(this, promptTokens, all, received, chunks);
    }

    public void Dispose()
    {
        foreach (var engine in engines)
            engine.Dispose();
    }

    private static Tensor Copy(Tensor tensor) => tensor with { Shape = [.. tensor.Shape], Bytes = tensor.Bytes.ToArray() };

    private static int Largest(Tensor logits)
    {
        var row = System.Runtime.InteropServices.MemoryMarshal.Cast<byte, float>(logits.Bytes.Span)[^(int)logits.Shape[^1]..];
        int best = 0;
        for (int i = 1; i < row.Length; i++)
        {
            if (row[i] > row[best])
                best = i;
        }

        return best;
    }
}

/// <summary>What the stages of one generation received and committed to.</summary>
public sealed record Recording(
    ShardedModel Model, int PromptTokens, int[] Tokens, IReadOnlyList<ReceivedPass>[] Received, IReadOnlyList<Digest>[] Chunks)
{
    /// <summary>Passes up to the end of a chunk.</summary>
    public int PassesTo(int chunk) => ChunkPlan.All(PromptTokens, Tokens.Length).Take(chunk + 1).Sum(c => c.Passes);

    /// <summary>What a stage received.</summary>
    public IReceivedPasses Passes(int stage) => new InMemory(Received[stage]);

    /// <summary>The trace of a party that alters one operator in the pass at a position, with the chunk hashes it commits to.</summary>
    public StageTrace Lie(int stage, int chunk, int position, int op, int element = 0)
    {
        var graph = OperatorGraph.Read(Model.ShardPath(stage), Model.Manifest.Stages[stage]);
        return new(new LyingShard(Model.Trace(stage), graph, position, op, element), Passes(stage), PassesTo(chunk));
    }

    /// <summary>The chunk hashes that follow from a trace of all chunks.</summary>
    public IReadOnlyList<Digest> Commitments(StageTrace trace, int stage)
    {
        var hashes = new List<Digest>();
        int pass = 0;
        foreach (var chunk in ChunkPlan.All(PromptTokens, Tokens.Length))
        {
            using var hash = new BoundaryHash();
            foreach (var planned in ChunkPlan.Passes(chunk, PromptTokens))
                ChunkOutputs.Append(hash, planned, trace.Show(pass++).Sends(), last: stage == Model.Manifest.Stages.Count - 1);
            hashes.Add(hash.Finish());
        }

        return hashes;
    }

    /// <summary>An honest party's trace.</summary>
    public StageTrace Trace(int stage, int chunk, long snapshotBytes = 64 << 20) =>
        new(Model.Trace(stage), Passes(stage), PassesTo(chunk), snapshotBytes);

    /// <summary>The passes of one chunk.</summary>
    public IReadOnlyList<ChunkPass> PassesOf(int chunk) => [.. ChunkPlan.Passes(ChunkPlan.At(PromptTokens, Tokens.Length, chunk), PromptTokens)];

    private sealed class InMemory(IReadOnlyList<ReceivedPass> passes) : IReceivedPasses
    {
        public IEnumerable<ReceivedPass> From(int from) => passes.Skip(from);
    }
}
