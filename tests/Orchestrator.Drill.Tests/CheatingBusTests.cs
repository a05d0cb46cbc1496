using Orchestrator.Contracts;
using Orchestrator.Drill.Workers;
using Orchestrator.Verification;
using Orchestrator.Worker.Platform;

namespace Orchestrator.Drill.Tests;

/// <summary>What a worker of the drill says when it is told to be a lazy auditor.</summary>
public sealed class CheatingBusTests : IDisposable
{
    private static readonly SessionId Session = SessionId.Derive(JobId.New(TimeProvider.System), 0, 0);
    private static readonly AuditId Planted = AuditId.Derive(Session, 1, 0, 1_000);
    private static readonly Digest Claimed = Digest.Of("claimed"u8), Computed = Digest.Of("computed"u8);

    private readonly DirectoryInfo network = Directory.CreateTempSubdirectory("orchestrator-drill-test-");
    private readonly SigningKey key = SigningKey.FromSeed(new byte[32]);
    private readonly SaidBus said = new();

    [Theory]
    [InlineData(CheatOrder.LazyAuditor, true)]
    [InlineData(CheatOrder.RandomOutput, false)]
    [InlineData(null, false)]
    public async Task A_lazy_auditor_reports_what_the_audited_node_keeps_and_others_report_what_they_got(string? cheat, bool confirms)
    {
        Keep(1);

        (await SayAsync(cheat)).Chunks.ShouldHaveSingleItem().Output.ShouldBe(confirms ? Claimed : Computed);
    }

    [Fact]
    public async Task Who_has_heard_no_claims_reports_what_it_got()
    {
        Keep(stage: 0);

        (await SayAsync(CheatOrder.LazyAuditor)).Chunks.ShouldHaveSingleItem().Output.ShouldBe(Computed);
    }

    public void Dispose()
    {
        key.Dispose();
        network.Delete(recursive: true);
    }

    /// <summary>Another node's evidence of a stage, where nodes of a local network keep it.</summary>
    private void Keep(int stage)
    {
        var kept = network.CreateSubdirectory(Path.Combine("2", "shards", "evidence", "node", $"{Session}.{stage}.1700000000000"));
        File.WriteAllBytes(Path.Combine(kept.FullName, "0.chunks"), ChunkFile.Encode([new ChunkRecord(Digest.Of([]), Claimed, [])]));
    }

    private async Task<AuditReport> SayAsync(string? cheat)
    {
        var order = new CheatOrder(Path.Combine(network.CreateSubdirectory("1").FullName, "node.key"));
        order.Give(cheat);
        var report = new AuditReport(
            AuditReport.CurrentSchema, key.Node, Planted, new ExecutionClass("test", "cpu", "none", "none"), AuditMode.Exact, [new AuditedChunk(0, Computed, null)], 0, [], 0, null, DateTimeOffset.UnixEpoch);
        var bus = new CheatingBus(said, order, key, network.FullName, new HeardClaims(network.FullName));

        await bus.PublishAsync(Topics.Audits, MessageSigning.Seal(MessageTypes.AuditReport, report, ContractsJson.Default.AuditReport, key), TestContext.Current.CancellationToken);

        MessageSigning.TryOpen(said.Messages.ShouldHaveSingleItem(), MessageTypes.AuditReport, ContractsJson.Default.AuditReport, out var heard, out string? error).ShouldBeTrue(error);
        return heard!;
    }

    private sealed class SaidBus : IPlatformBus
    {
        public List<SignedMessage> Messages { get; } = [];

        public Task PublishAsync(string topic, SignedMessage message, CancellationToken cancel)
        {
            Messages.Add(message);
            return Task.CompletedTask;
        }
    }
}
