using System.Net;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests.Histories;

/// <summary>Who operates the last node and has had no part in a job: bonds, after asking for more than there is, looks at stage 1, and challenges what comes out otherwise.</summary>
internal static class OutsiderChallenge
{
    private const int Stage = 1;

    public static async Task RunAsync(Platform platform, string job, CancellationToken cancel)
    {
        await Outsider.UntilProvisionalAsync(platform, job);
        var node = platform.Network.Nodes[^1];
        using (var admin = platform.Client(Platform.AdminKey))
        using (var refused = await admin.PostAsync($"/api/nodes/{node.Id}/stake/bond", Platform.Json("""{"amount":2000000}"""), cancel))
            refused.StatusCode.ShouldBe(HttpStatusCode.BadRequest, await refused.Content.ReadAsStringAsync(cancel));
        await Outsider.StakeAsync(platform, node);
        using var evidence = await Outsider.ReadAsync(platform, Platform.AdminKey, $"/api/jobs/{job}/evidence/{Stage}?node={node.Id}");
        var bundle = EvidenceBundle.Read(evidence);
        evidence.Position = bundle.InputsAt;
        var replayed = platform.Network.Stages.Replay(Stage, evidence, bundle.Result.PromptTokens, bundle.Committed.Tokens, falsifies: false).Chunks;
        int wrong = Enumerable.Range(0, replayed.Count).First(i => replayed[i].Output != bundle.Chunks[i].Output);
        var claims = new[] { new { chunk = wrong, output = replayed[wrong].Output.Value } };
        var (status, said) = await Outsider.ChallengeAsync(platform, node, new { job, session = bundle.Receipt.Session.Value, stage = Stage, choice = 0, claims });
        status.ShouldBe(HttpStatusCode.Accepted, said.GetRawText());
    }
}
