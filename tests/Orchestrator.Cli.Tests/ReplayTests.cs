using System.Text.Json;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.Core.Audits;
using Orchestrator.Drill.Cheats;
using Orchestrator.Drill.Models;
using Orchestrator.Drill.Network;
using Orchestrator.Verification;

namespace Orchestrator.Cli.Tests;

/// <summary>Whoever has a stage's evidence and its shard sees for itself whether the stage was run.</summary>
public sealed class ReplayTests : IAsyncLifetime
{
    private readonly string folder = Directory.CreateTempSubdirectory("replay-tests-").FullName;
    private DrillModel model = null!;
    private Engines engines = null!;

    public async ValueTask InitializeAsync()
    {
        model = await DrillModel.CutAsync(BundledModel.Path, 2, folder, TestContext.Current.CancellationToken);
        engines = new Engines(model);
    }

    public ValueTask DisposeAsync()
    {
        engines?.Dispose();
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    [Theory, InlineData(0), InlineData(1)]
    public async Task An_honest_stage_comes_out_again_bit_by_bit(int stage)
    {
        var run = await CommandLineRun.Of("receipts", "replay", Evidence(new Conduct(), stage), "--shards", folder);

        run.ExitCode.ShouldBe(0, run.Err);
        run.Out.ShouldStartWith("agrees");
        run.Out.ShouldContain("every bit");
        run.Out.Contains("All draws follow", StringComparison.Ordinal).ShouldBe(stage == 1);
    }

    [Fact]
    public async Task A_stage_that_put_out_something_else_differs_and_the_command_to_challenge_it_is_printed()
    {
        string file = Evidence(new RandomOutput(3), 1);
        var bundle = Read(file);

        var run = await CommandLineRun.Of("receipts", "replay", file, "--shards", folder, "--node", bundle.Receipt.Node.Value, "-o", "json");

        run.ExitCode.ShouldBe(3, run.Err);
        var said = JsonDocument.Parse(run.Out).RootElement;
        said.GetProperty("agrees").GetBoolean().ShouldBeFalse();
        said.GetProperty("chunk").GetInt32().ShouldBe(0);
        string output = said.GetProperty("output").GetString()!;
        output.ShouldNotBe(bundle.Chunks[0].Output.Value);
        said.GetProperty("challenge").GetString().ShouldBe(
            $"orchestrator disputes open {bundle.Head.Job} --session {bundle.Receipt.Session} --stage 1 --choice 0 --claim 0={output} --node {bundle.Receipt.Node}");
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task A_last_stage_that_chose_a_token_itself_is_found_by_who_knows_how_it_had_to_draw(bool told)
    {
        string file = Evidence(new WrongSampling(), 1, told: told);
        var bundle = Read(file);

        var run = await CommandLineRun.Of("receipts", "replay", file, "--shards", folder, "--node", bundle.Receipt.Node.Value, "-o", "json");

        run.ExitCode.ShouldBe(told ? 3 : 0, run.Err);
        var said = JsonDocument.Parse(run.Out).RootElement;
        said.GetProperty("draws").GetBoolean().ShouldBe(told);
        if (!told)
            return;
        said.GetProperty("difference").GetString()!.ShouldContain($"token at {bundle.Result.PromptTokens + 1} ");
        int chunk = ChunkPlan.Holding(bundle.Result.PromptTokens, bundle.Result.PromptTokens);
        said.GetProperty("challenge").GetString().ShouldBe(
            $"orchestrator disputes open {bundle.Head.Job} --session {bundle.Receipt.Session} --stage 1 --choice 0 --subject draws --claim {chunk}={bundle.Chunks[chunk].Output} --node {bundle.Receipt.Node}");
    }

    [Fact]
    public void Terms_of_another_session_or_changed_on_the_way_are_no_evidence()
    {
        byte[] file = File.ReadAllBytes(Evidence(new Conduct(), 1));
        var terms = Read(file).Head.Terms!;
        MessageSigning.TryOpen(terms, MessageTypes.SamplingTerms, ContractsJson.Default.SamplingTerms, out var said, out _).ShouldBeTrue();

        string Refused(SignedMessage? other) => Should.Throw<InvalidDataException>(() => Read(WithTerms(file, other))).Message;
        Refused(Seal(said with { Session = SessionId.Derive(said.Job, 1, 0) })).ShouldContain("another session");
        Refused(Seal(said with { Job = JobId.New(TimeProvider.System) })).ShouldContain("another session");
        Refused(terms with { Payload = Seal(said with { Sampling = said.Sampling with { Seed = said.Sampling.Seed + 1 } }).Payload }).ShouldContain("cannot be read");
        byte[] first = File.ReadAllBytes(Evidence(new Conduct(), 0));
        Should.Throw<InvalidDataException>(() => Read(WithTerms(first, terms))).Message.ShouldContain("stage");
        Read(WithTerms(file, null)).Sampling.ShouldBeNull();
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task In_another_class_fingerprints_are_compared_and_nothing_can_be_claimed(bool lies)
    {
        string file = Evidence(lies ? new RandomOutput(3) : new Conduct(), 1, c => c with { Instructions = "none" });

        var run = await CommandLineRun.Of("receipts", "replay", file, "--shards", folder);

        run.ExitCode.ShouldBe(lies ? 3 : 0, run.Err);
        run.Out.ShouldContain(lies ? "Only a node of class" : "within tolerance");
        run.Out.ShouldNotContain("disputes open");
    }

    [Fact]
    public async Task What_does_not_fit_is_one_line_that_says_why()
    {
        string file = Evidence(new Conduct(), 0);
        byte[] bytes = await File.ReadAllBytesAsync(file, TestContext.Current.CancellationToken);
        bytes[^1] ^= 1;
        string changed = Path.Combine(folder, "changed");
        await File.WriteAllBytesAsync(changed, bytes, TestContext.Current.CancellationToken);
        string empty = Directory.CreateDirectory(Path.Combine(folder, "empty")).FullName;

        (await CommandLineRun.Of("receipts", "replay", changed, "--shards", folder)).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(1), r => r.Err.ShouldContain("does not fit its receipt"));
        (await CommandLineRun.Of("receipts", "replay", file, "--shards", empty)).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(1), r => r.Err.ShouldContain("model shard"));
        (await CommandLineRun.Of("receipts", "replay", "nothing", "--shards", folder)).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(2), r => r.Err.ShouldContain("neither"));
        (await CommandLineRun.Of("receipts", "replay", JobId.New(TimeProvider.System).Value, "--shards", folder)).ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(2), r => r.Err.ShouldContain("--stage"));
        (await CommandLineRun.Of("disputes", "open", JobId.New(TimeProvider.System).Value, "--session", "s", "--stage", "0", "--node", "n", "--claim", "0:ab"))
            .ShouldSatisfyAllConditions(r => r.ExitCode.ShouldBe(2), r => r.Err.ShouldContain("CHUNK=SHA256"));
    }

    [Theory, InlineData(false), InlineData(true)]
    public async Task The_lottery_of_a_receipts_document_is_drawn_again(bool lies)
    {
        var bundle = Read(Evidence(new Conduct(), 1));
        using var platform = SigningKey.FromSeed(Enumerable.Repeat((byte)9, 32).ToArray());
        var receipts = LotteryCheck.Receipts([Digest.Of(JsonSerializer.SerializeToUtf8Bytes(bundle.Head.Result, ContractsJson.Default.SignedMessage))]);
        byte[] signature = platform.Sign(LotteryCheck.Signed(receipts));
        StageTicket[] tickets = [.. Enumerable.Range(0, 2).Select(stage => new StageTicket(0, stage, 1, [bundle.Committed.Chunks]))];
        var drawn = AuditLottery.Draw(signature, tickets, AuditPolicy.Default).Select(d => d.Chunks.Select(c => new DrawnPlace(c.Choice, c.Chunk)).ToList()).ToList();
        string key = Convert.ToHexStringLower(platform.PublicKey), file = Path.Combine(folder, "receipts.json");
        var lottery = new LotteryRecord(
            key, Convert.ToHexStringLower(signature), 1, [.. tickets.Select(t => new LotteryTicket(t.Chain, t.Stage, t.Rate, t.Chunks, lies && t.Stage == 1 ? [] : drawn[t.Stage]))]);
        var document = new ReceiptsDocument(ReceiptsDocument.CurrentSchema, bundle.Head.Job, bundle.Head.Manifest, [bundle.Head.Result], null, lottery);
        await File.WriteAllBytesAsync(file, JsonSerializer.SerializeToUtf8Bytes(document, ContractsJson.Default.ReceiptsDocument), TestContext.Current.CancellationToken);

        var run = await CommandLineRun.Of("receipts", "verify", file, "--platform-key", key, "-o", "json");
        var other = await CommandLineRun.Of("receipts", "verify", file, "--platform-key", new string('a', 64));
        var bad = await CommandLineRun.Of("receipts", "verify", file, "--platform-key", "mine");

        run.ExitCode.ShouldBe(lies ? 1 : 0, run.Out + run.Err);
        var finding = JsonDocument.Parse(run.Out).RootElement.GetProperty("lottery").EnumerateArray().Single();
        finding.GetProperty("outcome").GetString().ShouldBe(lies ? "broken" : "holds");
        (other.ExitCode, bad.ExitCode).ShouldBe((1, 2));
        bad.Err.ShouldContain("64 hex digits");
    }

    [Theory, InlineData(1, true), InlineData(0, false)]
    public async Task Evidence_that_does_not_fit_leaves_the_file_that_was_there(int asked, bool fits)
    {
        byte[] evidence = await File.ReadAllBytesAsync(Evidence(new Conduct(), 1), TestContext.Current.CancellationToken);
        var job = EvidenceBundle.Read(new MemoryStream(evidence)).Head.Job;
        var builder = WebApplication.CreateSlimBuilder();
        // Its log would end up in what another test reads of its command.
        builder.Logging.ClearProviders();
        await using var web = builder.Build();
        web.MapGet($"/api/jobs/{job}/evidence/{asked}", () => Results.Bytes(evidence));
        web.Urls.Add("http://127.0.0.1:0");
        await web.StartAsync(TestContext.Current.CancellationToken);
        string saved = Path.Combine(folder, "saved"), key = Path.Combine(folder, "key");
        await File.WriteAllTextAsync(saved, "before", TestContext.Current.CancellationToken);
        await File.WriteAllTextAsync(key, "sk-test", TestContext.Current.CancellationToken);

        var run = await CommandLineRun.Of("receipts", "evidence", job.Value, "--stage", $"{asked}", "--out", saved, "--endpoint", web.Urls.Single(), "--key-file", key);

        run.ExitCode.ShouldBe(fits ? 0 : 1, run.Err);
        (await File.ReadAllBytesAsync(saved, TestContext.Current.CancellationToken)).ShouldBe(fits ? evidence : "before"u8.ToArray());
        File.Exists(saved + ".part").ShouldBeFalse();
    }

    /// <summary>Runs one job on two nodes, of which the second does what it is told, and writes a stage's evidence as the platform serves it.</summary>
    private string Evidence(Conduct second, int stage, Func<ExecutionClass, ExecutionClass>? inClass = null, bool told = true)
    {
        DrillNode[] nodes = [.. Enumerable.Range(0, 2).Select(i => new DrillNode(SigningKey.FromSeed(Enumerable.Repeat((byte)(i + 1), 32).ToArray()), $"host-{i}", i, i == 0 ? new Conduct() : second, false))];
        using var chain = new ChainRun(DrillJob.Make(7, 0, model.Tokenizer), 0, 0, nodes, engines, TimeProvider.System);
        var result = chain.Run().Single();
        if (inClass is not null)
            result = Signed(result, nodes, inClass);
        byte[] manifest = File.ReadAllBytes(Path.Combine(folder, "manifest.json"));
        var job = chain.Stages[0].Job;
        var terms = told && stage == 1 ? Seal(new SamplingTerms(SamplingTerms.CurrentSchema, job.Id, chain.Session, job.Sampling)) : null;
        var head = new EvidenceHead(EvidenceHead.CurrentSchema, job.Id, manifest, result, stage, 0, terms);
        string path = Path.Combine(folder, Path.GetRandomFileName());
        File.WriteAllBytes(path, [.. EvidenceBundle.Preamble(head, chain.Stages[stage].ChunkFile()), .. chain.Stages[stage].InputFile()]);
        return path;
    }

    /// <summary>The same result of nodes that say they are of another class.</summary>
    private static SignedMessage Signed(SignedMessage message, DrillNode[] nodes, Func<ExecutionClass, ExecutionClass> inClass)
    {
        MessageSigning.TryOpen(message, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out _).ShouldBeTrue();
        List<SignedMessage> receipts = [];
        foreach (var (signed, node) in result.Receipts.Zip(nodes))
        {
            MessageSigning.TryOpen(signed, MessageTypes.Receipt, ContractsJson.Default.Receipt, out var receipt, out _).ShouldBeTrue();
            receipt = receipt with { Class = inClass(receipt.Class), Previous = receipts.Count == 0 ? null : Digest.Of(receipts[^1].Payload) };
            receipts.Add(MessageSigning.Seal(MessageTypes.Receipt, receipt, ContractsJson.Default.Receipt, node.Key));
        }

        return MessageSigning.Seal(MessageTypes.ChainResult, result with { Receipts = receipts }, ContractsJson.Default.ChainResult, nodes[0].Key);
    }

    private static SignedMessage Seal(SamplingTerms terms) =>
        MessageSigning.Seal(MessageTypes.SamplingTerms, terms, ContractsJson.Default.SamplingTerms, SigningKey.FromSeed(Enumerable.Repeat((byte)9, 32).ToArray()));

    private static byte[] WithTerms(byte[] file, SignedMessage? terms)
    {
        var head = Read(file).Head;
        int rest = 8 + sizeof(int) + BitConverter.ToInt32(file, 8);
        int chunks = BitConverter.ToInt32(file, rest);
        return [.. EvidenceBundle.Preamble(head with { Terms = terms }, file.AsSpan(rest + sizeof(int), chunks)), .. file.AsSpan(rest + sizeof(int) + chunks)];
    }

    private static EvidenceBundle Read(string file) => Read(File.ReadAllBytes(file));

    private static EvidenceBundle Read(byte[] file) => EvidenceBundle.Read(new MemoryStream(file));
}
