using System.Net;
using System.Text;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.Verification;
using Orchestrator.Worker.Tests.Network;

namespace Orchestrator.Worker.Tests.Evidence;

public sealed class EvidenceEndpointTests
{
    private const string Question = "What is kept?";

    [Fact]
    public async Task Every_stage_serves_what_its_receipt_commits_to()
    {
        await using var network = await TestNetwork.StartAsync(3, new string('a', 70));
        var result = await network.AskAsync(network.Assignments(Question, completion: 128, a => a with { Choices = 2, MaxTokens = 256 }));

        result.Failure.ShouldBeNull();
        var receipts = ChainTests.Receipts(result);
        for (int stage = 0; stage < 3; stage++)
        {
            for (int choice = 0; choice < 2; choice++)
            {
                var committed = receipts[stage].Choices[choice];
                byte[] chunks = await FileAsync(network, Request(network, result.Session, stage, choice, EvidenceKind.Chunks));
                byte[] inputs = await FileAsync(network, Request(network, result.Session, stage, choice, EvidenceKind.Inputs));
                ChunkFile.TryRead(chunks, committed, out var claims, out string? error).ShouldBeTrue(error);
                claims.Count.ShouldBe(committed.Chunks);
                InputFile.Mismatch(new MemoryStream(inputs), network.Model.Stages[stage], result.PromptTokens, committed).ShouldBeNull();
            }
        }
    }

    [Fact]
    public async Task The_receipts_of_a_job_hold_offline_for_whoever_knows_the_prompt()
    {
        await using var network = await TestNetwork.StartAsync(3, "The answer is 42.");
        var result = await network.AskAsync(network.Assignments(Question));
        var message = network.Bus.ResultMessage(result.Session);
        var document = new ReceiptsDocument(1, result.Job, ScriptedModel.Json(network.Model), [message], null);

        Outcomes(new Prompt(null, [new ChatMessage("user", Question)])).ShouldAllBe(o => o == FindingOutcome.Holds);
        Outcomes(new Prompt(null, [new ChatMessage("user", "Another question?")])).ShouldContain(FindingOutcome.Broken);
        Outcomes(null).ShouldNotContain(FindingOutcome.Broken);

        IEnumerable<FindingOutcome> Outcomes(Prompt? prompt) => ReceiptVerifier.Verify(document, prompt).Chains.ShouldHaveSingleItem().Findings.Select(f => f.Outcome);
    }

    [Fact]
    public async Task Only_the_platforms_requests_for_this_node_and_time_are_answered_each_once()
    {
        await using var network = await TestNetwork.StartAsync(1, "ok");
        var session = (await network.AskAsync(network.Assignments(Question))).Session;
        using var stranger = SigningKey.FromSeed(new byte[32]);
        var good = Request(network, session, 0, 0, EvidenceKind.Chunks);

        (await StatusAsync(network, Seal(good, stranger))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(network, Seal(good with { Node = stranger.Node }, network.Platform))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(network, Seal(good with { SchemaVersion = 2 }, network.Platform))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(network, Seal(good with { ExpiresAt = DateTimeOffset.UtcNow.AddSeconds(-1) }, network.Platform))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(network, Seal(good with { ExpiresAt = DateTimeOffset.UtcNow.AddHours(1) }, network.Platform))).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(network, Seal(good, network.Platform) with { Type = MessageTypes.Placement })).ShouldBe(HttpStatusCode.Forbidden);
        (await StatusAsync(network, Seal(good, network.Platform))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(network, Seal(good, network.Platform))).ShouldBe(HttpStatusCode.Conflict);
        (await StatusAsync(network, Seal(good with { ExpiresAt = good.ExpiresAt.AddSeconds(1) }, network.Platform))).ShouldBe(HttpStatusCode.OK);
        (await StatusAsync(network, Seal(good with { Session = SessionId.Derive(JobId.New(TimeProvider.System), 0, 0) }, network.Platform))).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(network, Seal(good with { Stage = 1 }, network.Platform))).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(network, Seal(good with { Choice = 1 }, network.Platform))).ShouldBe(HttpStatusCode.NotFound);
        (await StatusAsync(network, Seal(good with { Choice = -1 }, network.Platform))).ShouldBe(HttpStatusCode.NotFound);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{\"type\":1}")]
    [InlineData("{\"type\":\"evidence-request/1\",\"payload\":\"\",\"key\":\"\",\"signature\":\"\"}")]
    public async Task Bodies_that_are_no_signed_message_are_refused(string body)
    {
        await using var network = await TestNetwork.StartAsync(1, "ok");
        using var response = await network.PostAsync(0, "/evidence", Encoding.UTF8.GetBytes(body));

        ((int)response.StatusCode).ShouldBeInRange(400, 403);
    }

    [Fact]
    public async Task Oversized_bodies_are_refused()
    {
        await using var network = await TestNetwork.StartAsync(1, "ok");
        // Over the limit, and small enough to be on its way before the refusal ends the connection.
        using var response = await network.PostAsync(0, "/evidence", new byte[24 << 10]);

        ((int)response.StatusCode).ShouldBeInRange(400, 413);
    }

    [Fact]
    public async Task A_node_takes_no_session_whose_evidence_does_not_fit()
    {
        await using var network = await TestNetwork.StartAsync(2, "ok", (i, o) => i == 1 ? o with { EvidenceBytes = 1000 } : o);

        var result = await network.AskAsync(network.Assignments(Question));

        result.Failure.ShouldNotBeNull().Code.ShouldBe(FailureCodes.Refused);
        result.Failure.Message.ShouldContain("evidence");
        await network.ShouldBeFreeAsync();
    }

    [Fact]
    public async Task A_session_that_failed_leaves_no_evidence()
    {
        await using var network = await TestNetwork.StartAsync(2, "never");
        network.Loaders[1].BeforePass = (_, position) =>
        {
            if (position > 17)
                throw new InvalidDataException("broken");
        };
        var result = await network.AskAsync(network.Assignments(Question));
        await network.ShouldBeFreeAsync();

        result.Failure.ShouldNotBeNull();
        for (int node = 0; node < 2; node++)
        {
            Directory.GetFileSystemEntries(Path.Combine(network.CacheFolder(node), "evidence", network.Nodes[node].Node.Value)).ShouldBeEmpty();
            (await StatusAsync(network, Seal(Request(network, result.Session, node, 0, EvidenceKind.Inputs), network.Platform), node)).ShouldBe(HttpStatusCode.NotFound);
        }
    }

    private static EvidenceRequest Request(TestNetwork network, SessionId session, int stage, int choice, EvidenceKind kind) =>
        new(EvidenceRequest.CurrentSchema, network.Nodes[stage].Node, session, stage, choice, kind, DateTimeOffset.UtcNow.AddMinutes(5));

    private static SignedMessage Seal(EvidenceRequest request, SigningKey key) =>
        MessageSigning.Seal(MessageTypes.EvidenceRequest, request, ContractsJson.Default.EvidenceRequest, key);

    private static async Task<byte[]> FileAsync(TestNetwork network, EvidenceRequest request)
    {
        using var response = await PostAsync(network, Seal(request, network.Platform), request.Stage);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        return await response.Content.ReadAsByteArrayAsync();
    }

    private static async Task<HttpStatusCode> StatusAsync(TestNetwork network, SignedMessage message, int node = 0)
    {
        using var response = await PostAsync(network, message, node);
        return response.StatusCode;
    }

    private static Task<HttpResponseMessage> PostAsync(TestNetwork network, SignedMessage message, int node) =>
        network.PostAsync(node, "/evidence", JsonSerializer.SerializeToUtf8Bytes(message, ContractsJson.Default.SignedMessage));
}
