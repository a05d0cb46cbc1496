using System.Net.Http.Headers;
using System.Text;
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
        request.Content = new StringContent(NetworkFixture.Chat(Question, 24).ToJsonString(), Encoding.UTF8, "application/json");
        using var response = await http.SendAsync(request, cancel);
        response.EnsureSuccessStatusCode();

        var spans = (await network.Collector.Spans.WhenAsync(all => IsWhole([.. all.Where(s => s.Trace == Trace)]), "every part of the trace", cancel))
            .Where(s => s.Trace == Trace).ToList();

        var root = spans.Where(s => s.Parent == Caller).ShouldHaveSingleItem();
        root["http.route"].ShouldBe("/v1/chat/completions");
        root["http.response.status_code"].ShouldBe("200");
        var known = spans.ToDictionary(s => s.Id);
        foreach (var span in spans.Where(s => s.Name is "plan" or "dispatch" or "edge" or "stage" or "pass" or "settle"))
            Ancestors(span, known).ShouldContain(root.Id, $"{span} does not hang under the request");
        var stages = spans.Where(s => s.Name == "stage").ToList();
        stages.ShouldAllBe(s => known[s.Parent].Name == "edge" && s.Service == "orchestrator-worker");
        foreach (var stage in stages)
            spans.Count(s => s.Name == "pass" && s.Parent == stage.Id).ShouldBe(int.Parse(stage["passes"]));
        spans.Where(s => s.Name is "plan" or "settle").ShouldAllBe(s => s.Service == "orchestrator-control-plane");
        network.Collector.Spans.Items.SelectMany(s => s.Attributes.Values).ShouldAllBe(value => !value.Contains("capital"));
    }

    private static bool IsWhole(IReadOnlyList<CollectedSpan> spans)
    {
        var stages = spans.Where(s => s.Name == "stage").ToList();
        return spans.Any(s => s.Parent == Caller) && spans.Any(s => s.Name == "settle") && spans.Any(s => s.Name == "plan") && spans.Any(s => s.Name == "dispatch")
            && spans.Count(s => s.Name == "edge") == NetworkFixture.Chains && stages.Count == NetworkFixture.Chains * NetworkFixture.Stages
            && stages.All(stage => spans.Count(s => s.Name == "pass" && s.Parent == stage.Id) == int.Parse(stage["passes"]))
            && spans.All(s => s.Parent == Caller || spans.Any(p => p.Id == s.Parent));
    }

    private static IEnumerable<string> Ancestors(CollectedSpan span, Dictionary<string, CollectedSpan> known)
    {
        while (known.TryGetValue(span.Parent, out var parent))
        {
            yield return parent.Id;
            span = parent;
        }
    }

    /// <summary>The network of the other tests, with a collector.</summary>
    public sealed class ObservedNetwork : NetworkFixture
    {
        public OtlpCollector Collector { get; private set; } = null!;

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
