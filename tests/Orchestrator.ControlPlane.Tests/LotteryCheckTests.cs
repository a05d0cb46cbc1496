using System.Net;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Nodes;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Core.Audits;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Anybody can draw the audits of a job again, from its receipts and what the platform publishes of the lottery.</summary>
public sealed class LotteryCheckTests(SharedPlatform shared) : IClassFixture<SharedPlatform>
{
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true };

    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task The_lottery_of_a_job_comes_out_again_and_not_if_anything_of_it_is_changed()
    {
        var platform = shared.Platform;
        using var client = platform.Client();
        using var response = await client.PostAsync("/v1/chat/completions", Platform.Json(
            $$$"""{"model":"{{{platform.Model.Manifest.Name}}}","messages":[{"role":"user","content":"draw it"}],"max_tokens":60,"orchestrator":{"assurance":"sampled"}}"""), Cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        string job = JsonDocument.Parse(await response.Content.ReadAsStringAsync(Cancel)).RootElement.GetProperty("orchestrator").GetProperty("job").GetString()!;
        await platform.Workflows.WaitForCompletionAsync(job, Cancel);

        var document = JsonSerializer.Deserialize(await client.GetStringAsync($"/api/jobs/{job}/receipts", Cancel), ContractsJson.Default.ReceiptsDocument)!;
        var lottery = document.Lottery.ShouldNotBeNull();
        var held = LotteryCheck.Findings(document, lottery.PlatformKey).ShouldHaveSingleItem();
        held.Outcome.ShouldBe(FindingOutcome.Holds, held.Message);
        lottery.Stages.Count.ShouldBe(4);
        var (first, rest) = (lottery.Stages[0], lottery.Stages.Skip(1).ToList());

        Broken("is not the platform's", document, new string('a', 64));
        Broken("not over these results", document with { Results = [document.Results[0], document.Results[0]] });
        Broken("not over these results", document with { Results = [document.Results[0] with { Signature = new byte[64] }] });
        Broken("not over these results", With(lottery with { Signature = new string('0', 128) }));
        Broken("not one", With(lottery with { Signature = "xyz" }));
        Broken("4 signed receipts", With(lottery with { Stages = rest }));
        Broken("took no part", With(lottery with { Stages = [first with { Chunks = [first.Chunks[0] + 1] }, .. rest] }));
        Broken("the platform says nothing", With(lottery with { Stages = [first with { Rate = 1, Drawn = [] }, .. rest] }));
        Broken("draws nothing", With(lottery with { Stages = [first with { Rate = 0, Drawn = [new(0, 0)] }, .. rest] }));
        Broken("chunk 99", With(lottery with { Stages = [first with { Rate = 1, Drawn = [new(0, 99)] }, .. rest] }));
        Broken("no such rate", With(lottery with { Stages = [first with { Rate = double.NaN }, .. rest] }));
        Broken("no such rate", With(lottery with { Stages = [first, null!, .. rest] }));
        Broken("more chunks", With(lottery with { ChunksPerAudit = ushort.MaxValue, Stages = [.. lottery.Stages.Select(s => s with { Chunks = [int.MaxValue] })] }));
        Broken("no such rate", With(lottery with { Stages = [first with { Chunks = new int[Assignment.MaxChoices + 1] }, .. rest] }));
        var forged = Forged(document.Results[0]);
        Broken("cannot be read", document with { Results = [forged], Lottery = Drawn(lottery, forged) }, Convert.ToHexStringLower(Some.Key(7).PublicKey));
        LotteryCheck.Findings(document with { Lottery = null }).Single().Outcome.ShouldBe(FindingOutcome.Unknown);

        ReceiptsDocument With(LotteryRecord other) => document with { Lottery = other };
        static void Broken(string why, ReceiptsDocument changed, string? key = null) =>
            LotteryCheck.Findings(changed, key).ShouldContain(f => f.Outcome == FindingOutcome.Broken && f.Message.Contains(why), why);
    }

    /// <summary>A result of somebody who signs anything: a receipt without the choice that it should have.</summary>
    private static SignedMessage Forged(SignedMessage real)
    {
        MessageSigning.TryOpen(real, MessageTypes.ChainResult, ContractsJson.Default.ChainResult, out var result, out _).ShouldBeTrue();
        MessageSigning.TryOpen(result!.Receipts[0], MessageTypes.Receipt, ContractsJson.Default.Receipt, out var receipt, out _).ShouldBeTrue();
        var bad = MessageSigning.Seal(MessageTypes.Receipt, receipt! with { Choices = [null!] }, ContractsJson.Default.Receipt, Some.Key(7));
        return MessageSigning.Seal(MessageTypes.ChainResult, result with { Receipts = [bad, .. result.Receipts.Skip(1)] }, ContractsJson.Default.ChainResult, Some.Key(7));
    }

    /// <summary>The same lottery with a signature over another result.</summary>
    private static LotteryRecord Drawn(LotteryRecord lottery, SignedMessage result) => lottery with
    {
        PlatformKey = Convert.ToHexStringLower(Some.Key(7).PublicKey),
        Signature = Convert.ToHexStringLower(Some.Key(7).Sign(LotteryCheck.Signed(LotteryCheck.Receipts([Digest.Of(JsonSerializer.SerializeToUtf8Bytes(result, ContractsJson.Default.SignedMessage))])))),
    };

    /// <summary>What other implementations are held to; with ORCHESTRATOR_WRITE_VECTORS=1 it is written anew.</summary>
    [Fact]
    public void Vectors()
    {
        var cases = Enumerable.Range(1, 4).Select(seed =>
        {
            using var key = SigningKey.FromSeed(Enumerable.Repeat((byte)seed, 32).ToArray());
            Digest[] results = [.. Enumerable.Range(0, seed % 2 + 1).Select(i => Digest.Of([(byte)i]))];
            var receipts = LotteryCheck.Receipts(results);
            byte[] signature = key.Sign(LotteryCheck.Signed(receipts));
            StageTicket[] tickets = [.. Enumerable.Range(0, 4).Select(stage => new StageTicket(0, stage, .25 * (stage + 1), [3, stage * 7]))];
            var draws = AuditLottery.Draw(signature, tickets, AuditPolicy.Default with { ChunksPerAudit = seed });
            return new JsonObject
            {
                ["seed"] = Convert.ToHexStringLower(Enumerable.Repeat((byte)seed, 32).ToArray()),
                ["results"] = new JsonArray([.. results.Select(r => (JsonNode)r.Value)]),
                ["receipts"] = receipts.Value,
                ["key"] = Convert.ToHexStringLower(key.PublicKey),
                ["signature"] = Convert.ToHexStringLower(signature),
                ["chunksPerAudit"] = seed,
                ["stages"] = new JsonArray([.. tickets.Select(t => (JsonNode)new JsonObject
                {
                    ["chain"] = t.Chain,
                    ["stage"] = t.Stage,
                    ["rate"] = t.Rate,
                    ["chunks"] = new JsonArray([.. t.Chunks.Select(c => (JsonNode)c)]),
                    ["uniform"] = AuditLottery.Uniform(signature, $"audit/{t.Chain}/{t.Stage}"),
                    ["drawn"] = new JsonArray([.. draws.Where(d => d.Stage == t.Stage).SelectMany(d => d.Chunks).Select(c => (JsonNode)new JsonObject { ["choice"] = c.Choice, ["chunk"] = c.Chunk })]),
                })]),
            };
        });
        string path = Path.Combine(Here(), "Vectors", "lottery.json"), text = new JsonArray([.. cases]).ToJsonString(Indented) + "\n";
        if (Environment.GetEnvironmentVariable("ORCHESTRATOR_WRITE_VECTORS") == "1")
            File.WriteAllText(path, text);
        File.ReadAllText(path).ShouldBe(text, "lottery.json differs: if the lottery was changed on purpose, raise the version in what it signs and hashes, and write the vectors anew.");
    }

    private static string Here([CallerFilePath] string source = "") => Path.GetDirectoryName(source)!;
}
