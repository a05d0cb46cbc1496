using System.Net;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;
using Orchestrator.Verification;
using static Orchestrator.ControlPlane.Tests.Kit.Outsider;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Who may challenge an answer can see what its stages received and committed to, and nobody else can.</summary>
public sealed class EvidenceRouteTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_outsider_with_a_stake_reads_public_evidence_finds_the_lie_and_proves_it()
    {
        await using var platform = await StartAsync();
        platform.Network.Behave = _ => new Script { Falsifies = stage => stage == 1 };
        var (job, guilty) = await AnswerAsync(platform, "public");
        var challenger = await StakeAsync(platform);

        var listed = (await platform.GetAsync<JsonElement>($"/api/evidence?node={challenger.Id}")).GetProperty("answers").EnumerateArray().Single();
        listed.GetProperty("job").GetString().ShouldBe(job);
        listed.GetProperty("open_until").GetDateTimeOffset().ShouldBeGreaterThan(platform.Clock.GetUtcNow());
        listed.GetProperty("chains").EnumerateArray().Single().GetProperty("nodes")[1].GetString().ShouldBe(guilty.Value);
        var evidence = await ReadAsync(platform, Platform.AdminKey, $"/api/jobs/{job}/evidence/1?node={challenger.Id}");
        listed.GetProperty("chains")[0].GetProperty("session").GetString().ShouldBe(EvidenceBundle.Read(evidence).Receipt.Session.Value);
        evidence.Position = 0;
        var bundle = EvidenceBundle.Read(evidence);
        bundle.Receipt.Node.ShouldBe(guilty);
        evidence.Position = bundle.InputsAt;
        var replayed = platform.Network.Stages.Replay(1, evidence, bundle.Result.PromptTokens, bundle.Committed.Tokens, falsifies: false).Chunks;
        int wrong = Enumerable.Range(0, replayed.Count).First(i => replayed[i].Output != bundle.Chunks[i].Output);

        using var admin = platform.Client(Platform.AdminKey);
        using var challenged = await admin.PostAsync("/api/disputes", Platform.Json(JsonSerializer.Serialize(new
        {
            job,
            session = bundle.Receipt.Session.Value,
            stage = 1,
            choice = 0,
            node = challenger.Id.Value,
            claims = new[] { new { chunk = wrong, output = replayed[wrong].Output.Value } },
        })), Cancel);
        challenged.StatusCode.ShouldBe(HttpStatusCode.Accepted, await challenged.Content.ReadAsStringAsync(Cancel));
        await platform.Workflows.WaitForCompletionAsync(job, Cancel).WaitAsync(TimeSpan.FromSeconds(90), Cancel);

        (await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey)).GetProperty("status").GetString().ShouldBe("overturned");
        var slashes = (await platform.GetAsync<JsonElement>($"/api/nodes/{guilty}")).GetProperty("trust").GetProperty("slashes");
        slashes.EnumerateArray().Single().GetProperty("fault").GetString().ShouldBe("wrong_result");
    }

    [Fact]
    public async Task The_owner_reads_evidence_and_others_do_not_unless_the_request_said_so_and_they_have_a_stake()
    {
        await using var platform = await StartAsync();
        var (hidden, _) = await AnswerAsync(platform, null);
        var (open, _) = await AnswerAsync(platform, "public");
        var challenger = await StakeAsync(platform);
        var poor = platform.Network.Nodes[0];

        using (var own = await ReadAsync(platform, Platform.UserKey, $"/api/jobs/{hidden}/evidence/3"))
            EvidenceBundle.Read(own).Head.Stage.ShouldBe(3);
        (await FailAsync(platform, Platform.AdminKey, $"/api/jobs/{hidden}/evidence/3?node={challenger.Id}", HttpStatusCode.NotFound, "not_found")).ShouldContain("evidence");
        (await FailAsync(platform, Platform.OtherKey, $"/api/jobs/{open}/evidence/3", HttpStatusCode.Forbidden, "insufficient_permissions")).ShouldContain("?node=");
        (await FailAsync(platform, Platform.OtherKey, $"/api/jobs/{open}/evidence/3?node={challenger.Id}", HttpStatusCode.Forbidden, "insufficient_permissions")).ShouldContain(challenger.Host);
        (await FailAsync(platform, Platform.AdminKey, $"/api/jobs/{open}/evidence/3?node={poor.Id}", HttpStatusCode.Forbidden, "insufficient_permissions")).ShouldContain("Bond some");
        await FailAsync(platform, Platform.OtherKey, $"/api/jobs/{open}/evidence/3?node=nobody", HttpStatusCode.BadRequest, "unknown_node");

        (await platform.GetAsync<JsonElement>($"/api/evidence?node={challenger.Id}")).GetProperty("answers").EnumerateArray().Select(a => a.GetProperty("job").GetString()).ShouldBe([open]);
        await FailAsync(platform, Platform.OtherKey, $"/api/evidence?node={challenger.Id}", HttpStatusCode.Forbidden, "insufficient_permissions");
        await FailAsync(platform, Platform.AdminKey, $"/api/evidence?node={poor.Id}", HttpStatusCode.Forbidden, "insufficient_permissions");
        await FailAsync(platform, Platform.UserKey, "/api/evidence", HttpStatusCode.BadRequest, "unknown_node");
    }

    [Theory, InlineData(2), InlineData(3)]
    public async Task Whoever_changes_a_byte_on_the_way_is_found_out_by_who_reads(int stage)
    {
        await using var platform = await StartAsync();
        var (job, _) = await AnswerAsync(platform, null);
        byte[] file = (await ReadAsync(platform, Platform.UserKey, $"/api/jobs/{job}/evidence/{stage}")).ToArray();

        for (int at = 0; at < file.Length; at += 61)
        {
            byte[] changed = [.. file];
            changed[at] ^= 2;
            Should.Throw<InvalidDataException>(() => EvidenceBundle.Read(new MemoryStream(changed)), $"byte {at}");
            Should.Throw<InvalidDataException>(() => EvidenceBundle.Read(new MemoryStream(file[..at])), $"cut at {at}");
        }

        Should.Throw<InvalidDataException>(() => EvidenceBundle.Read(new MemoryStream([.. file, 0])));
        foreach (string head in (string[])["{}", "null", "[]", """{"SchemaVersion":1,"Job":null,"Manifest":null,"Result":null,"Stage":0,"Choice":0}"""])
            Should.Throw<InvalidDataException>(() => EvidenceBundle.Read(new MemoryStream([.. "OREVIDE1"u8, .. BitConverter.GetBytes(head.Length), .. System.Text.Encoding.ASCII.GetBytes(head)])), head);
    }

    [Theory]
    [InlineData("4", HttpStatusCode.NotFound, "not_found")]
    [InlineData("99999999999", HttpStatusCode.BadRequest, "invalid_value")]
    [InlineData("-1", HttpStatusCode.BadRequest, "invalid_value")]
    [InlineData("..%2F..%2Fetc%2Fpasswd", HttpStatusCode.BadRequest, "invalid_value")]
    [InlineData("%00", HttpStatusCode.BadRequest, null)]
    [InlineData("0?choice=1", HttpStatusCode.NotFound, "not_found")]
    [InlineData("0?choice=x", HttpStatusCode.BadRequest, "invalid_value")]
    [InlineData("0?chain=7", HttpStatusCode.NotFound, "not_found")]
    public async Task What_is_not_there_is_refused_by_name(string rest, HttpStatusCode status, string? code)
    {
        await using var platform = await StartAsync();
        var (job, _) = await AnswerAsync(platform, null);

        await FailAsync(platform, Platform.UserKey, $"/api/jobs/{job}/evidence/{rest}", status, code);
        foreach (string other in (string[])[JobId.New(TimeProvider.System).Value, "job-x", "..%2F..", "job-%00"])
            await FailAsync(platform, Platform.UserKey, $"/api/jobs/{other}/evidence/0", other == "job-%00" ? HttpStatusCode.BadRequest : HttpStatusCode.NotFound, null);
    }

    [Theory]
    [InlineData(EvidenceKind.Inputs)]
    [InlineData(EvidenceKind.Chunks)]
    public async Task What_does_not_fit_the_receipt_is_not_passed_on_and_costs_the_stake_of_who_serves_nothing_else(EvidenceKind kind)
    {
        await using var platform = await StartAsync();
        var (job, guilty) = await AnswerAsync(platform, "public");
        platform.Network.Court.Serves = (request, file) => request.Stage == 1 && request.Kind == kind ? [.. file.SkipLast(1), (byte)(file[^1] ^ 1)] : file;
        platform.Network.Witnesses.Silent = _ => true;
        var challenger = await StakeAsync(platform);

        string said = "";
        using var admin = platform.Client(Platform.AdminKey);
        await Eventually.Holds(
            async () =>
            {
                using var answer = await admin.GetAsync($"/api/jobs/{job}/evidence/1?node={challenger.Id}", Cancel);
                said = await answer.Content.ReadAsStringAsync(Cancel);
                answer.StatusCode.ShouldBeOneOf(HttpStatusCode.ServiceUnavailable, HttpStatusCode.FailedDependency);
                return answer.StatusCode == HttpStatusCode.FailedDependency;
            },
            () => said,
            limitSeconds: 60);

        said.ShouldContain("evidence_withheld");
        said.ShouldContain("POST /api/disputes");
        var slash = (await platform.GetAsync<JsonElement>($"/api/nodes/{guilty}")).GetProperty("trust").GetProperty("slashes").EnumerateArray().Single();
        slash.GetProperty("fault").GetString().ShouldBe("withholding");
    }

    [Fact]
    public async Task A_node_is_asked_once_for_all_who_look()
    {
        await using var platform = await StartAsync();
        var (job, _) = await AnswerAsync(platform, "public");
        int asked = 0;
        platform.Network.Court.Serves = (_, file) =>
        {
            Interlocked.Increment(ref asked);
            return file;
        };

        for (int i = 0; i < 3; i++)
            (await ReadAsync(platform, Platform.UserKey, $"/api/jobs/{job}/evidence/2")).Dispose();

        asked.ShouldBe(2, "a chunk file and an input file");
    }

    [Fact]
    public async Task Nobody_reads_evidence_while_an_auditor_is_to_find_it_out()
    {
        await using var platform = await StartAsync(o => o with { ReportPatience = TimeSpan.FromMinutes(10) });
        var (job, _) = await AnswerAsync(platform, "public", audits: true);
        var challenger = await StakeAsync(platform);

        foreach (var (key, query) in new[] { (Platform.UserKey, ""), (Platform.AdminKey, $"?node={challenger.Id}") })
            await FailAsync(platform, key, $"/api/jobs/{job}/evidence/1{query}", HttpStatusCode.ServiceUnavailable, "audits_running");
        (await platform.GetAsync<JsonElement>($"/api/evidence?node={challenger.Id}")).GetProperty("answers")[0].GetProperty("audit_running").GetBoolean().ShouldBeTrue();
    }

    [Fact]
    public async Task More_than_is_served_here_is_refused_before_the_node_is_asked()
    {
        await using var platform = await StartAsync(o => o with { MostServedEvidence = 100 });
        var (job, _) = await AnswerAsync(platform, null);
        platform.Network.Court.Serves = (_, _) => throw new InvalidOperationException("the node was asked");

        await FailAsync(platform, Platform.UserKey, $"/api/jobs/{job}/evidence/1", HttpStatusCode.BadRequest, "evidence_too_large");
    }

    [Theory]
    [InlineData("\"sampled\",\"evidence\":\"public\"", "orchestrator.evidence")]
    [InlineData("\"optimistic\",\"evidence\":\"all\"", "orchestrator.evidence")]
    [InlineData("\"optimistic\",\"evidence\":true", "orchestrator.evidence")]
    public async Task Evidence_is_public_only_where_somebody_can_challenge(string assurance, string param)
    {
        await using var platform = await StartAsync();
        using var client = platform.Client();
        using var refused = await client.PostAsync("/api/jobs", Body(platform, assurance), Cancel);
        refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest);
        (await JsonDocument.ParseAsync(await refused.Content.ReadAsStreamAsync(Cancel), cancellationToken: Cancel)).RootElement.GetProperty("error").GetProperty("param").GetString().ShouldBe(param);
    }

    private static async Task<string> FailAsync(Platform platform, string key, string path, HttpStatusCode status, string? code)
    {
        using var client = platform.Client(key);
        using var answer = await client.GetAsync(path, Cancel);
        string said = await answer.Content.ReadAsStringAsync(Cancel);
        answer.StatusCode.ShouldBe(status, said);
        if (code is null)
            return said;
        var error = JsonDocument.Parse(said).RootElement.GetProperty("error");
        error.GetProperty("code").GetString().ShouldBe(code);
        return error.GetProperty("message").GetString()!;
    }
}
