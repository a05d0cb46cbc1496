using System.Text.Json;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Sidecar.Faults;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Every fault of the sidecar at once: each job still ends once, and the books add up.</summary>
public sealed class SidecarFaultTests
{
    private const int Jobs = 24;

    [Fact]
    public async Task All_faults_at_once_neither_lose_nor_make_money()
    {
        await using var platform = await Platform.StartAsync(configure: o => o with { JobDeadline = TimeSpan.FromSeconds(90) });
        platform.Faults = new FaultOptions
        {
            Duplicate = 0.2,
            LostAck = 0.1,
            Delay = 0.2,
            LongestDelay = TimeSpan.FromMilliseconds(50),
            Reorder = 0.2,
            PublishFailure = 0.05,
            Rebalance = 0.1,
            Unavailable = 0.03,
        };
        using var client = platform.Client();

        var jobs = await Task.WhenAll(Enumerable.Range(0, Jobs).Select(async i =>
        {
            string body = JsonSerializer.Serialize(new { model = platform.Model.Manifest.Name, messages = new[] { new { role = "user", content = $"job {i}" } }, max_tokens = 40 });
            while (true)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/api/jobs") { Content = Platform.Json(body) };
                request.Headers.Add("Idempotency-Key", $"key-{i}");
                using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
                if (response.IsSuccessStatusCode)
                    return response.Headers.GetValues("x-orchestrator-job").Single();
            }
        }));
        var outcomes = await Task.WhenAll(jobs.Select(j => platform.Workflows.WaitForCompletionAsync(j, TestContext.Current.CancellationToken)))
            .WaitAsync(TimeSpan.FromSeconds(120), TestContext.Current.CancellationToken);

        platform.Faults = new FaultOptions();
        jobs.Distinct().Count().ShouldBe(Jobs);
        outcomes.ShouldAllBe(o => o.OutputJson != null);
        outcomes.Count(o => o.OutputJson!.Contains("\"completed\"")).ShouldBe(Jobs, string.Join('\n', outcomes.Select(o => o.OutputJson).Where(o => !o!.Contains("\"completed\""))));
        await platform.ShouldBalanceAsync();
    }
}
