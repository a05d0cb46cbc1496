using System.Text.Json;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Sidecar.Faults;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Every fault of the sidecar at once: each job still ends once, and the books add up.</summary>
public sealed class SidecarFaultTests
{
    [Theory]
    [InlineData("redundant:2", 24)]
    [InlineData("sampled", 8)]
    [InlineData("optimistic", 8)]
    public async Task All_faults_at_once_neither_lose_nor_make_money_nor_slash_anybody(string assurance, int count)
    {
        // No edge dies here, and no node is heard again once jobs have lost it: what is late among so many must not be taken for lost.
        await using var platform = await Platform.StartAsync(configure: o => o with { JobDeadline = TimeSpan.FromSeconds(90), ProbeInterval = TimeSpan.FromSeconds(5) });
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

        var jobs = await Task.WhenAll(Enumerable.Range(0, count).Select(async i =>
        {
            string body = JsonSerializer.Serialize(new { model = platform.Model.Manifest.Name, messages = new[] { new { role = "user", content = $"job {i}" } }, max_tokens = 40, orchestrator = new { assurance } });
            while (true)
            {
                using var request = new HttpRequestMessage(HttpMethod.Post, "/api/jobs") { Content = Platform.Json(body) };
                request.Headers.Add("Idempotency-Key", $"key-{i}");
                using var response = await client.SendAsync(request, TestContext.Current.CancellationToken);
                if (response.IsSuccessStatusCode)
                    return response.Headers.GetValues("x-orchestrator-job").Single();
            }
        }));
        var running = jobs.Select(j => platform.Workflows.WaitForCompletionAsync(j, TestContext.Current.CancellationToken)).ToList();
        // The last of them wait longer and longer from one attempt to pay to the next: chance would decide how long the test takes.
        int ended = 0;
        await foreach (var _ in Task.WhenEach(running).WithCancellation(TestContext.Current.CancellationToken))
        {
            if (++ended == count * 3 / 4)
                break;
        }

        platform.Faults = new FaultOptions();
        var outcomes = await Task.WhenAll(running).WaitAsync(TimeSpan.FromMinutes(3), TestContext.Current.CancellationToken);

        jobs.Distinct().Count().ShouldBe(count);
        outcomes.ShouldAllBe(o => o.OutputJson != null);
        outcomes.Count(o => o.OutputJson!.Contains("\"completed\"")).ShouldBe(count, string.Join('\n', outcomes.Select(o => o.OutputJson).Where(o => !o!.Contains("\"completed\""))));
        await platform.ShouldBalanceAsync();
        foreach (var node in platform.Network.Nodes)
            (await platform.GetAsync<JsonElement>($"/api/nodes/{node.Id}")).GetProperty("trust").GetProperty("slashes").GetArrayLength().ShouldBe(0, node.Host);
    }
}
