using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
using Orchestrator.Cli;
using Orchestrator.Local;
using Orchestrator.TestKit;

namespace Orchestrator.Integration.Tests;

/// <summary>What a collector sees of one request that runs through real processes.</summary>
[Collection(nameof(OneAtATime))]
public sealed class TraceTests(TraceTests.ObservedNetwork network) : IClassFixture<TraceTests.ObservedNetwork>
{
    private const string Question = "What is the capital of Norway?";
    private const string Trace = "4bf92f3577b34da6a3ce929d0e0e4736";
    private const string Caller = "00f067aa0ba902b7";

    [Fact]
    public async Task One_trace_goes_from_the_callers_span_through_plan_dispatch_and_every_stage_to_the_settlement()
    {
        var cancel = TestContext.Current.CancellationToken;
        using var http = new HttpClient { BaseAddress = network.Network.Endpoint };
        using var request = new HttpRequestMessage(HttpMethod.Post, "v1/chat/completions");
        request.Headers.Authorization = new AuthenticationHeaderValue("Bearer", (await File.ReadAllTextAsync(network.Network.ApiKeyFile, cancel)).Trim());
        request.Headers.Add("traceparent", $"00-{Trace}-{Caller}-01");
        var chat = NetworkFixture.Chat(Question, 4);
        chat["orchestrator"] = new JsonObject { ["assurance"] = "none" };
        request.Content = new StringContent(chat.ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request, cancel);
        response.EnsureSuccessStatusCode();

        var all = await network.Collector.Spans.CompleteAsync(spans => Missing([.. spans.Where(s => s.Trace == Trace)]), cancel);

        var known = all.Where(s => s.Trace == Trace).ToDictionary(s => s.Id);
        var root = known.Values.Where(s => s.Parent == Caller).ShouldHaveSingleItem();
        root["http.route"].ShouldBe("v1/chat/completions");
        root["http.response.status_code"].ShouldBe("200");
        foreach (var span in known.Values.Where(s => s != root))
            Ancestors(span, known).ShouldContain(root.Id, $"{span} does not hang under the request");
        known.Values.Where(s => s.Name is "plan" or "dispatch" or "settle").ShouldAllBe(s => s.Service == "orchestrator-control-plane");
        known.Values.Where(s => s.Name is "edge" or "stage" or "pass").ShouldAllBe(s => s.Service == "orchestrator-worker");
        // What is published is worked on in the trace of who published it, each assignment once or more ...
        known.Values.Count(s => s.Name == "POST /work" && Ancestors(s, known).Any(a => known[a].Name == "dispatch")).ShouldBeGreaterThanOrEqualTo(NetworkFixture.Stages);
        // ... so heartbeats, which nobody traces, begin none.
        all.ShouldNotContain(s => s.Parent == "" && s.Name.Contains("messages/"));
        all.SelectMany(s => s.Attributes.Values).ShouldAllBe(value => !value.Contains("capital"));
    }

    [Fact]
    public async Task Its_workers_have_a_broker_and_no_blob_store_and_fetch_their_shards_at_the_gateway()
    {
        var cancel = TestContext.Current.CancellationToken;
        var folder = network.Network.Plan.Folder;
        var apps = JsonNode.Parse(await File.ReadAllTextAsync(folder.Configuration(LocalNetwork.SidecarName), cancel))!["apps"]!.AsArray();
        apps.Select(a => $"{a!["appId"]}").ShouldBe([LocalNetwork.ControlPlaneName, LocalGateway.AppId, .. network.Network.Plan.Nodes.Select(n => n.App.Id)]);
        var worker = JsonNode.Parse(await File.ReadAllTextAsync(folder.Configuration("node-1"), cancel))!["Worker"]!;
        (worker["GatewayUrl"], worker["BlobFolder"], worker["BlobUrl"]).ShouldBe((null, null, null));
        $"{worker["BlobGatewayUrl"]}".ShouldBe($"{network.Network.Plan.Gateways[0].Address}");
        using var health = new HttpClient();
        (await health.GetAsync($"http://127.0.0.1:{network.Network.Plan.Gateways[0].HealthPort}/readyz", cancel)).IsSuccessStatusCode.ShouldBeTrue();

        var stream = await ChatStream.RunAsync(network.Client, NetworkFixture.Chat(Question, 32), _ => { }, cancel);

        stream.Text.ShouldBe(network.Uncut.Answer(Question, 32).Text);
    }

    [Fact]
    public async Task The_command_tells_where_the_time_of_a_job_went()
    {
        var cancel = TestContext.Current.CancellationToken;
        await ChatStream.RunAsync(network.Client, NetworkFixture.Chat(Question, 8), _ => { }, cancel);
        string job = $"{(await network.Client.GetAsync("api/jobs", cancel))["jobs"]![0]!["job"]}";

        var trace = await NetworkFixture.UntilAsync("a trace", c => network.Client.GetAsync($"api/jobs/{job}/trace", c), t => t["chains"]![0]!["missing"]!.AsArray().Count == 0);
        string[] lines = (await SaidAsync("jobs", "trace", job, "--passes", "100")).Split(Environment.NewLine);

        lines[0].ShouldStartWith(job);
        for (int stage = 0; stage < NetworkFixture.Stages; stage++)
        {
            string node = $"{trace["chains"]![0]!["nodes"]![stage]}";
            lines.Count(l => l.StartsWith($"stage {stage} {node[..12]} compute ", StringComparison.Ordinal)).ShouldBe(1, $"stage {stage}");
        }

        var bars = lines.SkipWhile(l => !l.StartsWith("POSITION", StringComparison.Ordinal)).Skip(1).Where(l => l.Length > 0).ToList();
        bars.Count.ShouldBe(trace["chains"]![0]!["passes"]!.AsArray().Count);
        bars.ShouldAllBe(b => b.Length <= 80);
    }

    private async Task<string> SaidAsync(params string[] args)
    {
        var console = Console.Out;
        using var said = new StringWriter();
        try
        {
            Console.SetOut(said);
            (await CommandLine.RunAsync([.. args, "--endpoint", network.Network.Endpoint.ToString(), "--key-file", network.Network.ApiKeyFile])).ShouldBe(0);
        }
        finally
        {
            Console.SetOut(console);
        }

        return said.ToString();
    }

    /// <summary>What a whole trace still lacks. A span comes when it ends, so a parent comes after its children.</summary>
    private static string? Missing(IReadOnlyList<CollectedSpan> spans)
    {
        foreach (string name in new[] { "plan", "dispatch", "edge", "settle" })
        {
            if (!spans.Any(s => s.Name == name))
                return $"the span {name}";
        }

        int works = spans.Count(s => s.Name == "POST /work");
        if (works < NetworkFixture.Stages)
            return $"{NetworkFixture.Stages} spans POST /work, of which {works} came";
        string edge = spans.First(s => s.Name == "edge").Id;
        var stages = spans.Where(s => s.Name == "stage" && s.Parent == edge).ToList();
        if (stages.Count < NetworkFixture.Stages)
            return $"{NetworkFixture.Stages} stages under the edge, of which {stages.Count} came";
        foreach (var stage in stages)
        {
            int passes = spans.Count(s => s.Name == "pass" && s.Parent == stage.Id);
            if (passes.ToString(CultureInfo.InvariantCulture) != stage["passes"])
                return $"the passes of {stage}, of which {passes} came";
        }

        return spans.FirstOrDefault(s => s.Parent != Caller && !spans.Any(p => p.Id == s.Parent)) is { } orphan ? $"the parent of {orphan}" : null;
    }

    private static IEnumerable<string> Ancestors(CollectedSpan span, Dictionary<string, CollectedSpan> known)
    {
        while (known.TryGetValue(span.Parent, out var parent))
        {
            yield return parent.Id;
            span = parent;
        }
    }

    /// <summary>The smallest network that serves the model.</summary>
    public sealed class ObservedNetwork : CollectedNetwork
    {
        protected override int ChainCount => 1;

        protected override int Gateways => 1;

        protected override bool NodesByBroker => true;
    }
}
