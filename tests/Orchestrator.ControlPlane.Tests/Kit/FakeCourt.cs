using System.Collections.Concurrent;
using System.Text;
using System.Text.Json;
using Microsoft.AspNetCore.Http;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>What fake nodes do when they are checked: keep and serve evidence, audit, defend and challenge, judge.</summary>
internal sealed class FakeCourt(FakeNetwork network, Func<Digest, Task<Stream>> blobs)
{
    private readonly ConcurrentDictionary<(NodeId Node, SessionId Session, int Stage, int Choice), FakeRecord> kept = new();
    private readonly ConcurrentDictionary<DisputeId, TraceQuery> disputes = new();

    /// <summary>How auditors behave; asked once per task.</summary>
    public Func<AuditTask, FakeAuditor> Audits { get; set; } = _ => FakeAuditor.Honest;

    /// <summary>Nodes that serve no evidence.</summary>
    public Func<EvidenceRequest, bool> Withholds { get; set; } = _ => false;

    /// <summary>What is served instead of a kept file.</summary>
    public Func<EvidenceRequest, byte[], byte[]> Serves { get; set; } = (_, file) => file;

    /// <summary>Nodes that answer no questions in disputes.</summary>
    public Func<TraceQuery, bool> Silent { get; set; } = _ => false;

    /// <summary>Overrides what the referee says; null for the truth.</summary>
    public Func<RefereeTask, RefereeOutcome?> Judges { get; set; } = _ => null;

    /// <summary>Draws that do not follow from their logits, from the first token on.</summary>
    public Func<DrawTask, bool> WrongDraws { get; set; } = _ => false;

    public ConcurrentBag<AuditTask> AuditTasks { get; } = [];

    public ConcurrentBag<RefereeTask> RefereeTasks { get; } = [];

    public ConcurrentBag<TraceQuery> Queries { get; } = [];

    public void Keep(NodeId node, SessionId session, int stage, int choice, FakeRecord record) => kept[(node, session, stage, choice)] = record;

    /// <summary>What a node keeps; null for nothing.</summary>
    public byte[]? File(NodeId node, SessionId session, int stage, int choice, EvidenceKind kind) =>
        !kept.TryGetValue((node, session, stage, choice), out var record) ? null : kind == EvidenceKind.Chunks ? record.ChunkFile : record.InputFile;

    public async Task EvidenceAsync(HttpContext http)
    {
        var message = await JsonSerializer.DeserializeAsync(http.Request.Body, ContractsJson.Default.SignedMessage);
        if (!MessageSigning.TryOpen(message, MessageTypes.EvidenceRequest, ContractsJson.Default.EvidenceRequest, out var request, out _)
            || Withholds(request) || !kept.TryGetValue((request.Node, request.Session, request.Stage, request.Choice), out var record))
        {
            http.Response.StatusCode = 404;
            return;
        }

        await http.Response.Body.WriteAsync(Serves(request, request.Kind == EvidenceKind.Chunks ? record.ChunkFile : record.InputFile));
    }

    public async Task TraceAsync(HttpContext http)
    {
        var message = await JsonSerializer.DeserializeAsync(http.Request.Body, ContractsJson.Default.SignedMessage);
        if (!MessageSigning.TryOpen(message, MessageTypes.TraceQuery, ContractsJson.Default.TraceQuery, out var query, out _) || Silent(query))
        {
            http.Response.StatusCode = 404;
            return;
        }

        Queries.Add(query);
        disputes[query.Dispute] = query;
        var leaves = await LeavesAsync(query);
        int total = Passes(query) * FakeRecord.StepsPerPass;
        var key = network.Node(query.Node).Key;
        switch (query.Question)
        {
            case TraceQuestion.States:
                var states = new TraceStates(
                    TraceStates.CurrentSchema, query.Node, query.Dispute, FakeNetwork.Class, FakeRecord.StepsPerPass, total, query.Steps,
                    [.. query.Steps.Select(s => Tree(leaves, (int)s).State((int)s))], DateTimeOffset.UtcNow);
                await AnswerAsync(http, MessageSigning.Seal(MessageTypes.TraceStates, states, ContractsJson.Default.TraceStates, key));
                break;
            case TraceQuestion.Leaf:
                int step = (int)query.Steps[0];
                var leaf = new TraceLeaf(
                    TraceLeaf.CurrentSchema, query.Node, query.Dispute, step, leaves[step].Outputs, Tree(leaves, step + 1).Path(step, step + 1), DateTimeOffset.UtcNow);
                await AnswerAsync(http, MessageSigning.Seal(MessageTypes.TraceLeaf, leaf, ContractsJson.Default.TraceLeaf, key));
                break;
            default:
                await http.Response.Body.WriteAsync(Encoding.ASCII.GetBytes($"evidence of {query.Node}"));
                break;
        }
    }

    public async Task AuditAsync(AuditTask task)
    {
        AuditTasks.Add(task);
        var how = Audits(task);
        if (how == FakeAuditor.Silent)
            return;
        IReadOnlyList<ChunkRecord> chunks;
        if (how == FakeAuditor.Copies)
        {
            // An accomplice that knows what was claimed, and does not look at what it is given.
            chunks = kept.First(k => k.Key.Stage == task.Stage && k.Value.Commitment.Tokens == task.Tokens && k.Value.InputFile.Length == task.InputBytes).Value.Chunks;
        }
        else
        {
            await using var inputs = await blobs(task.Inputs);
            chunks = network.Stages.Replay(task.Stage, inputs, task.PromptTokens, task.Tokens, falsifies: how == FakeAuditor.Lies).Chunks;
        }

        bool exact = task.Mode == AuditMode.Exact;
        var report = new AuditReport(
            AuditReport.CurrentSchema, task.Node, task.Audit, network.ClassOf(task.Node), task.Mode,
            [.. task.Chunks.Select(c => exact ? new AuditedChunk(c, chunks[c].Output, null) : new AuditedChunk(c, null, Points(chunks[c].Fingerprint, how)))], task.Draws?.Tokens.Count ?? 0,
            task.Draws is { } draws && WrongDraws(draws) ? [new DrawGap(task.PromptTokens, draws.Tokens[0], draws.Tokens[0] + 1, 1)] : [], 10, null, DateTimeOffset.UtcNow);
        await network.PersistAsync(Topics.Audits, MessageSigning.Seal(MessageTypes.AuditReport, report, ContractsJson.Default.AuditReport, network.KeyOf(task.Node)));
    }

    public async Task JudgeAsync(RefereeTask task)
    {
        RefereeTasks.Add(task);
        var outcome = Judges(task) ?? Truth(task);
        var verdict = new RefereeVerdict(
            RefereeVerdict.CurrentSchema, task.Node, task.Dispute, task.Attempt, task.Question, outcome, FakeRecord.StepsPerPass, null, FakeNetwork.Class, "as computed", 5, DateTimeOffset.UtcNow);
        await network.PersistAsync(Topics.Audits, MessageSigning.Seal(MessageTypes.RefereeVerdict, verdict, ContractsJson.Default.RefereeVerdict, FakeNetwork.RefereeKey));
    }

    /// <summary>Points on the fingerprint of what the auditor got, as near as any honest ones; a liar's lie on no fingerprint of anything.</summary>
    private static byte[] Points(byte[] fingerprint, FakeAuditor how)
    {
        int count = (fingerprint.Length - 2) / 2;
        Fingerprint.TryDecode(fingerprint, count, out var own, out string? error).ShouldBeTrue(error);
        return how == FakeAuditor.Lies
            ? FingerprintPoints.Encode([new FingerprintPoint(0, 1)])
            : FingerprintPoints.Encode([.. Enumerable.Range(0, count).Select(i => new FingerprintPoint((uint)i, own.ValueAt((uint)i) ^ (how == FakeAuditor.Strays && i % 8 == 0 ? 1 : 0)))]);
    }

    private RefereeOutcome Truth(RefereeTask task)
    {
        if (task.Draws is { } draws)
            return WrongDraws(draws) ? RefereeOutcome.Challenger : RefereeOutcome.Defender;
        if (task.Question is not (RefereeQuestion.Step or RefereeQuestion.Chunk))
            return RefereeOutcome.CannotJudge;
        var query = disputes[task.Dispute];
        var defender = kept.First(k => k.Key.Session == query.Session && k.Key.Stage == query.Stage && k.Key.Choice == query.Choice).Value;
        using var inputs = new MemoryStream(defender.InputFile);
        var replay = network.Stages.Replay(task.Stage, inputs, task.PromptTokens, task.Tokens);
        var right = task.Question == RefereeQuestion.Chunk ? replay.Chunks[task.Chunk].Output : TraceHash.Leaf(replay.Leaves[(int)task.Step].Outputs);
        return right == task.Defender ? RefereeOutcome.Defender : right == task.Challenger ? RefereeOutcome.Challenger : RefereeOutcome.Neither;
    }

    private async Task<IReadOnlyList<FakeLeaf>> LeavesAsync(TraceQuery query)
    {
        if (kept.TryGetValue((query.Node, query.Session, query.Stage, query.Choice), out var own))
            return own.Leaves;
        await using var inputs = await blobs(query.Inputs!.Value);
        bool lies = AuditTasks.FirstOrDefault(t => t.Node == query.Node && t.Stage == query.Stage) is { } task && Audits(task) == FakeAuditor.Lies;
        return network.Stages.Replay(query.Stage, inputs, query.PromptTokens, query.Tokens, lies).Leaves;
    }

    private static int Passes(TraceQuery query) =>
        ChunkPlan.All(query.PromptTokens, query.Tokens).Take(query.Chunk + 1).Sum(c => c.Passes);

    private static TraceTree Tree(IReadOnlyList<FakeLeaf> leaves, int count)
    {
        var tree = new TraceTree();
        foreach (var leaf in leaves.Take(count))
            tree.Append(TraceHash.Leaf(leaf.Outputs));
        return tree;
    }

    private static Task AnswerAsync(HttpContext http, SignedMessage message) =>
        http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.SignedMessage)).AsTask();
}

/// <summary>How a fake auditor behaves.</summary>
internal enum FakeAuditor
{
    Honest,
    Silent,
    Lies,
    Copies,

    /// <summary>Gets a little more apart than limits allow, as honest runs do once in a long while.</summary>
    Strays,
}

/// <summary>A step of a fake trace.</summary>
internal sealed record FakeLeaf(IReadOnlyList<Digest> Outputs);
