using System.Net;
using System.Text.Json;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Tests;

public sealed class ReceiptTests(SharedPlatform shared) : IClassFixture<SharedPlatform>
{
    private Platform Platform => shared.Platform;

    [Fact]
    public async Task The_receipts_of_an_answered_job_verify_offline_and_only_its_owner_gets_them()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var client = Platform.Client();
        using var response = await client.PostAsync(
            "/v1/chat/completions", Platform.Json($$"""{"model":"{{Platform.Model.Manifest.Name}}","messages":[{"role":"user","content":"sign it"}],"max_tokens":30}"""), cancel);
        response.StatusCode.ShouldBe(HttpStatusCode.OK);
        string job = JsonDocument.Parse(await response.Content.ReadAsStringAsync(cancel)).RootElement.GetProperty("orchestrator").GetProperty("job").GetString()!;
        await Platform.Workflows.WaitForCompletionAsync(job, cancel);

        var document = JsonSerializer.Deserialize(await client.GetStringAsync($"/api/jobs/{job}/receipts", cancel), ContractsJson.Default.ReceiptsDocument)!;

        document.Results.Count.ShouldBe(2);
        var report = ReceiptVerifier.Verify(document);
        report.Holds.ShouldBeTrue(string.Join('\n', report.Chains.SelectMany(c => c.Findings).Select(f => f.Message).Prepend(report.Problem)));
        report.Chains.SelectMany(c => c.Findings).ShouldAllBe(f => f.Outcome == FindingOutcome.Holds);
        using var other = Platform.Client(Platform.OtherKey);
        (await other.GetAsync($"/api/jobs/{job}/receipts", cancel)).StatusCode.ShouldBe(HttpStatusCode.NotFound);
    }
}
