using System.Net;
using System.Text.Json;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.TestKit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests.Histories;

/// <summary>Who operates the last node and has had no part in a job: bonds, after asking for more than there is, looks at stage 1, and challenges what comes out otherwise.</summary>
internal sealed class Outsider(Platform platform)
{
    private const int Stage = 1;

    private readonly FakeNode node = platform.Network.Nodes[^1];

    public async Task ChallengeAsync(string job, CancellationToken cancel)
    {
        JsonElement view = default;
        await Eventually.Holds(
            async () => (view = await platform.GetAsync<JsonElement>($"/api/jobs/{job}", Platform.UserKey)).GetProperty("status").GetString() == "provisional"
                && view.GetProperty("checks").EnumerateArray().All(c => c.GetProperty("verdict").GetString() != "running"),
            () => view.ToString(),
            limitSeconds: 60,
            cancel);
        using var admin = platform.Client(Platform.AdminKey);
        await PostAsync($"/api/accounts/{node.Host}/credit", new { event_id = "seed-money", amount = 1_000_000 }, HttpStatusCode.OK);
        await PostAsync($"/api/nodes/{node.Id}/stake/bond", new { amount = 2_000_000 }, HttpStatusCode.BadRequest);
        await PostAsync($"/api/nodes/{node.Id}/stake/bond", new { amount = 100_000 }, HttpStatusCode.OK);
        using var evidence = new MemoryStream(await admin.GetByteArrayAsync($"/api/jobs/{job}/evidence/{Stage}?node={node.Id}", cancel));
        var bundle = EvidenceBundle.Read(evidence);
        evidence.Position = bundle.InputsAt;
        var replayed = platform.Network.Stages.Replay(Stage, evidence, bundle.Result.PromptTokens, bundle.Committed.Tokens, falsifies: false).Chunks;
        int wrong = Enumerable.Range(0, replayed.Count).First(i => replayed[i].Output != bundle.Chunks[i].Output);
        var claims = new[] { new { chunk = wrong, output = replayed[wrong].Output.Value } };
        await PostAsync("/api/disputes", new { job, session = bundle.Receipt.Session.Value, stage = Stage, choice = 0, node = node.Id.Value, claims }, HttpStatusCode.Accepted);

        async Task PostAsync(string path, object body, HttpStatusCode expected)
        {
            using var answer = await admin.PostAsync(path, Platform.Json(JsonSerializer.Serialize(body)), cancel);
            answer.StatusCode.ShouldBe(expected, await answer.Content.ReadAsStringAsync(cancel));
        }
    }
}
