using System.Net;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder;
using Orchestrator.Verification;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests.Audits;

/// <summary>Two nodes with a shard of the bundled model each, which have answered one question; the first is a referee besides.</summary>
public sealed class RealNetwork : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("audit-tests-").FullName;

    internal TestNetwork Network { get; private set; } = null!;

    internal Assignment[] Assignments { get; private set; } = [];

    internal ChainResult Result { get; private set; } = null!;

    internal IReadOnlyList<Receipt> Receipts { get; private set; } = [];

    internal int PromptTokens => Result.PromptTokens;

    internal IReadOnlyList<int> Drawn => Result.Choices[0].Tokens;

    internal static DateTimeOffset Soon => DateTimeOffset.UtcNow.AddMinutes(5);

    public async ValueTask InitializeAsync()
    {
        string whole = Path.Combine(AppContext.BaseDirectory, "tiny-chat.onnx");
        var sharded = await new ModelSharder(new OnnxModelRuntime()).ShardAsync(whole, new ShardingOptions { Name = "tiny-chat", Stages = 2, OutputFolder = folder, Verify = false });
        byte[][] shards = [.. sharded.ShardPaths.Select(File.ReadAllBytes)];
        Network = await TestNetwork.StartAsync(sharded.Manifest, sharded.ManifestBytes.ToArray(), shards, (node, options) => options with { Referee = node == 0 });
        Assignments = Network.Assignments("What is the capital of France?", completion: 40, change: a => a with { Sampling = new SamplingParameters(0.8, 0.95, Seed: 11, PresencePenalty: 0.4) });
        Result = await Network.AskAsync(Assignments);
        Result.Failure.ShouldBeNull();
        Receipts = ChainTests.Receipts(Result);
    }

    /// <summary>What a stage's node keeps, checked against its receipt, put into the store.</summary>
    internal async Task<(Digest Blob, long Bytes)> InputsAsync(int stage)
    {
        byte[] file = await EvidenceAsync(stage, EvidenceKind.Inputs);
        using var stream = new MemoryStream(file);
        InputFile.Mismatch(stream, Network.Model.Stages[stage], PromptTokens, Receipts[stage].Choices[0]).ShouldBeNull();
        return (await Network.Blobs.PutAsync(new MemoryStream(file)), file.Length);
    }

    internal async Task<IReadOnlyList<ChunkClaim>> ChunksAsync(int stage)
    {
        ChunkFile.TryRead(await EvidenceAsync(stage, EvidenceKind.Chunks), Receipts[stage].Choices[0], out var chunks, out string? error).ShouldBeTrue(error);
        return chunks;
    }

    internal TraceQuery Query(int node, int stage, DisputeId dispute, TraceQuestion question, long[] steps, int chunk, (Digest Blob, long Bytes)? inputs) => new(
        TraceQuery.CurrentSchema, Network.Nodes[node].Node, dispute, Assignments[0].Session, Network.Manifest, stage, 0, PromptTokens, Receipts[stage].Choices[0].Tokens,
        chunk, inputs?.Blob, inputs?.Bytes ?? 0, question, steps, Soon);

    /// <summary>Asks a party, again while its replay runs.</summary>
    internal async Task<byte[]> AskAsync(int node, TraceQuery query)
    {
        while (true)
        {
            using var response = await Network.PostAsync(node, "/disputes", MessageTypes.TraceQuery, query, ContractsJson.Default.TraceQuery);
            if (response.StatusCode == HttpStatusCode.Accepted)
                continue;
            response.StatusCode.ShouldBe(HttpStatusCode.OK, await response.Content.ReadAsStringAsync());
            return await response.Content.ReadAsByteArrayAsync();
        }
    }

    internal async Task<TraceStates> StatesAsync(int node, TraceQuery query)
    {
        var message = JsonSerializer.Deserialize(await AskAsync(node, query), ContractsJson.Default.SignedMessage);
        MessageSigning.TryOpen(message, MessageTypes.TraceStates, ContractsJson.Default.TraceStates, out var states, out string? error).ShouldBeTrue(error);
        MessageSigning.Signer(message!).ShouldBe(query.Node);
        DisputeChecks.Problem(states, query).ShouldBeNull();
        return states;
    }

    internal async Task<TraceLeaf> LeafAsync(int node, TraceQuery query)
    {
        var message = JsonSerializer.Deserialize(await AskAsync(node, query), ContractsJson.Default.SignedMessage);
        MessageSigning.TryOpen(message, MessageTypes.TraceLeaf, ContractsJson.Default.TraceLeaf, out var leaf, out string? error).ShouldBeTrue(error);
        DisputeChecks.Problem(leaf, query).ShouldBeNull();
        return leaf;
    }

    public async ValueTask DisposeAsync()
    {
        await Network.DisposeAsync();
        Directory.Delete(folder, recursive: true);
    }

    private async Task<byte[]> EvidenceAsync(int stage, EvidenceKind kind)
    {
        // Each request is answered once: requests of several tests must differ.
        var expiry = DateTimeOffset.UtcNow.AddMinutes(5).AddTicks(Random.Shared.Next(1_000_000));
        var request = new EvidenceRequest(EvidenceRequest.CurrentSchema, Network.Nodes[stage].Node, Assignments[0].Session, stage, 0, kind, expiry);
        using var response = await Network.PostAsync(stage, "/evidence", MessageTypes.EvidenceRequest, request, ContractsJson.Default.EvidenceRequest);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsByteArrayAsync();
    }
}
