using System.Globalization;
using System.Net.Http.Headers;
using System.Text;
using System.Text.Json.Nodes;
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
        // What is published is worked on in the trace of who published it ...
        known.Values.Count(s => s.Name == "POST /work" && Ancestors(s, known).Any(a => known[a].Name == "dispatch")).ShouldBe(NetworkFixture.Stages);
        // ... so heartbeats, which nobody traces, begin none.
        all.ShouldNotContain(s => s.Parent == "" && s.Name.Contains("messages/"));
        all.SelectMany(s => s.Attributes.Values).ShouldAllBe(value => !value.Contains("capital"));
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

    /// <summary>The smallest network that serves the model, with a collector.</summary>
    public sealed class ObservedNetwork : NetworkFixture
    {
        public OtlpCollector Collector { get; private set; } = null!;

        protected override int ChainCount => 1;

        public override async ValueTask DisposeAsync()
        {
            await base.DisposeAsync();
            await Collector.DisposeAsync();
        }

        protected override async ValueTask<IReadOnlyDictionary<string, string>> PrepareAsync()
        {
            Collector = await OtlpCollector.StartAsync();
            return Collector.Environment;
        }
    }
}
