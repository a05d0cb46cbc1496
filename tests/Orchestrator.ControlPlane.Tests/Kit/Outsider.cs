using System.Net;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Audits;
using Orchestrator.TestKit;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>What somebody who is no part of a chain does about its answer: bond a stake, read public evidence, challenge.</summary>
internal static class Outsider
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    /// <summary>Auditors say nothing for a second and are then given up, so that what is found is found by who challenges.</summary>
    public static Task<Platform> StartAsync(Func<AuditOptions, AuditOptions>? configure = null) => Platform.StartAsync(configure: o =>
    {
        var audits = o.Audits with { ChallengeWindow = TimeSpan.FromHours(1), ReportPatience = TimeSpan.FromSeconds(1), AuditorPatience = TimeSpan.FromSeconds(1), Auditors = 1 };
        return o with { Audits = configure?.Invoke(audits) ?? audits };
    });

    /// <summary>A provisional answer, and the node of its stage 1; once its audits are over, unless one is to go on.</summary>
    public static async Task<(string Job, NodeId Stage1)> AnswerAsync(Platform platform, string? evidence, bool audits = false, string question = "check me")
    {
        platform.Network.Court.Audits = _ => FakeAuditor.Silent;
        using var client = platform.Client();
        using var submitted = await client.PostAsync("/api/jobs", Body(platform, "\"optimistic\"" + (evidence is null ? "" : $",\"evidence\":\"{evidence}\""), question), Cancel);
        submitted.StatusCode.ShouldBe(HttpStatusCode.Accepted, await submitted.Content.ReadAsStringAsync(Cancel));
        string job = submitted.Headers.GetValues("x-orchestrator-job").Single();
        await UntilProvisionalAsync(platform, job, audits);
        return (job, platform.Network.Assignments.Items.First(a => a.Job.Value == job && a.Stage == 1).Node);
    }

    /// <summary>Waits for a provisional answer; also for its audits to be over, unless one is to go on.</summary>
    public static async Task UntilProvisionalAsync(Platform platform, string job, bool audits = false)
    {
        string view = "";
        await Eventually.Holds(
            async () =>
            {
                var now = await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey);
                view = now.GetRawText();
                return now.GetProperty("status").GetString() == "provisional"
                    && (audits || now.GetProperty("checks").EnumerateArray().All(c => c.GetProperty("verdict").GetString() != "running"));
            },
            () => view,
            limitSeconds: 60);
    }

    /// <summary>Bonds a stake for a node, or for the last one.</summary>
    public static async Task<FakeNode> StakeAsync(Platform platform, FakeNode? node = null)
    {
        var challenger = node ?? platform.Network.Nodes[^1];
        using var admin = platform.Client(Platform.AdminKey);
        using var credited = await admin.PostAsync($"/api/accounts/{challenger.Host}/credit", Platform.Json("""{"event_id":"seed-money","amount":1000000}"""), Cancel);
        credited.StatusCode.ShouldBe(HttpStatusCode.OK, await credited.Content.ReadAsStringAsync(Cancel));
        using var bonded = await admin.PostAsync($"/api/nodes/{challenger.Id}/stake/bond", Platform.Json("""{"amount":100000}"""), Cancel);
        bonded.StatusCode.ShouldBe(HttpStatusCode.OK, await bonded.Content.ReadAsStringAsync(Cancel));
        return challenger;
    }

    public static async Task<MemoryStream> ReadAsync(Platform platform, string key, string path)
    {
        using var client = platform.Client(key);
        using var answer = await client.GetAsync(path, Cancel);
        answer.StatusCode.ShouldBe(HttpStatusCode.OK, await answer.Content.ReadAsStringAsync(Cancel));
        return new MemoryStream(await answer.Content.ReadAsByteArrayAsync(Cancel));
    }

    /// <summary>Challenges under the name of a node; the answer's status and body.</summary>
    public static async Task<(HttpStatusCode Status, JsonElement Said)> ChallengeAsync(Platform platform, FakeNode node, object challenge)
    {
        var body = JsonSerializer.SerializeToNode(challenge)!;
        body["node"] = node.Id.Value;
        using var admin = platform.Client(Platform.AdminKey);
        using var answer = await admin.PostAsync("/api/disputes", Platform.Json(body.ToJsonString()), Cancel);
        return (answer.StatusCode, JsonDocument.Parse(await answer.Content.ReadAsStringAsync(Cancel)).RootElement);
    }

    public static StringContent Body(Platform platform, string assurance, string question = "check me") => Platform.Json(
        $$$"""{"model":"{{{platform.Model.Manifest.Name}}}","messages":[{"role":"user","content":"{{{question}}}"}],"max_tokens":60,"orchestrator":{"assurance":{{{assurance}}}}}""");
}
