using System.Net;
using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using CsCheck;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.OpenAi;
using Orchestrator.ControlPlane.Tests.Kit;
using Orchestrator.Core.Assurance;

namespace Orchestrator.ControlPlane.Tests;

/// <summary>Any body is read or refused with a clear error; none is the server's fault.</summary>
public sealed class RequestFuzzTests(SharedPlatform shared) : IClassFixture<SharedPlatform>
{
    private static readonly string[] Names =
    [
        "model", "messages", "prompt", "temperature", "top_p", "frequency_penalty", "presence_penalty", "seed", "logit_bias", "n", "stop", "stream", "stream_options",
        "max_tokens", "max_completion_tokens", "logprobs", "top_logprobs", "orchestrator", "tools", "tool_choice", "response_format", "modalities", "store", "best_of", "echo",
        "suffix", "user", "role", "content", "type", "text", "include_usage", "assurance", "chains", "1", "9999999999",
    ];

    private static readonly string[] Words = ["fake-1", "user", "text", "none", "redundant", "auto", "", "x", "\ud83d\ude00"];

    private static readonly Gen<JsonNode?> Leaf = Gen.OneOf<JsonNode?>(
        Gen.Bool.Select(_ => (JsonNode?)null),
        Gen.Bool.Select(b => (JsonNode?)JsonValue.Create(b)),
        Gen.Int.Select(i => (JsonNode?)JsonValue.Create(i)),
        Gen.Int[-3, 20].Select(i => (JsonNode?)JsonValue.Create(i)),
        Gen.Double[-1e308, 1e308].Select(d => (JsonNode?)JsonValue.Create(d)),
        Gen.Int[0, Words.Length - 1].Select(i => (JsonNode?)JsonValue.Create(Words[i])),
        Gen.String[0, 12].Select(s => (JsonNode?)JsonValue.Create(s)));

    private static Gen<JsonNode?> Value(int depth) => depth == 0
        ? Leaf
        : Gen.OneOf(
            Leaf,
            Value(depth - 1).List[0, 3].Select(items => (JsonNode?)new JsonArray([.. items])),
            Members(depth - 1).Select(o => (JsonNode?)o));

    private static Gen<JsonObject> Members(int depth) =>
        Gen.Int[0, Names.Length - 1].Select(Value(depth), (i, v) => (Name: Names[i], Value: v)).List[0, 6].Select(members =>
        {
            var made = new JsonObject();
            foreach (var (name, value) in members)
                made[name] = value?.DeepClone();
            return made;
        });

    /// <summary>A valid request with some members replaced by anything.</summary>
    private static readonly Gen<JsonObject> Requests = Members(3).Select(changes =>
    {
        var request = JsonNode.Parse("""{"model":"fake-1","messages":[{"role":"user","content":"hi"}],"prompt":"hi","max_tokens":4}""")!.AsObject();
        foreach (var (name, value) in changes)
            request[name] = value?.DeepClone();
        return request;
    });

    [Fact]
    public void Parsers_read_or_refuse_whatever_comes() => Requests.Sample(
        request =>
        {
            using var document = JsonDocument.Parse(request.ToJsonString());
            foreach (var parse in (Func<JsonElement, AssuranceLevel, InferenceRequest>[])[ChatRequestParser.Parse, CompletionRequestParser.Parse])
            {
                try
                {
                    var read = parse(document.RootElement, AssuranceLevel.Redundant(2));
                    read.Choices.ShouldBeInRange(1, 16);
                    read.Sampling.TopP.ShouldBeInRange(1e-6, 1);
                    read.Stop.Count.ShouldBeInRange(0, 4);
                }
                catch (ApiException e)
                {
                    e.Status.ShouldBeInRange(400, 404);
                    e.Message.ShouldNotBeNullOrEmpty();
                }
            }
        },
        iter: 5_000);

    /// <summary>Logits divided by less are infinite, and by how much one falls short of another is then no number that an auditor could report.</summary>
    [Theory]
    [InlineData("0", 0)]
    [InlineData("1e-320", 1e-6)]
    [InlineData("0.5", 0.5)]
    public void A_temperature_is_0_or_leaves_logits_finite(string asked, double drawnWith)
    {
        using var document = JsonDocument.Parse($$"""{"model":"fake-1","prompt":"hi","temperature":{{asked}}}""");

        CompletionRequestParser.Parse(document.RootElement, AssuranceLevel.Redundant(2)).Sampling.Temperature.ShouldBe(drawnWith);
    }

    [Fact]
    public async Task The_server_never_fails_on_a_body()
    {
        shared.Platform.Network.Behave = _ => Script.Honest;
        using var client = shared.Platform.Client();
        string[] paths = ["/v1/chat/completions", "/v1/completions", "/api/jobs", "/v1/nothing"];
        var bodies = Requests.List[40].Single().Select(r => r.ToJsonString())
            .Concat(["", "{", "[]", "null", "{\"model\":\"\\ud800\"}", "{\"model\":\"a\",\"model\":\"b\"}", new string('[', 5000), "\0\0\0"]);
        foreach (var (body, i) in bodies.Select((b, i) => (b, i)))
        {
            using var response = await client.PostAsync(paths[i % paths.Length], new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
            if (response.IsSuccessStatusCode)
                continue;
            string said = await response.Content.ReadAsStringAsync(TestContext.Current.CancellationToken);
            // What is well-formed may ask for more chains than there are hosts for.
            if (!said.Contains("\"no_capacity\"", StringComparison.Ordinal))
                ((int)response.StatusCode).ShouldBeLessThan(500, $"{paths[i % paths.Length]} {body}");
            JsonDocument.Parse(said).RootElement.GetProperty("error").GetProperty("message").GetString().ShouldNotBeNullOrEmpty();
        }
    }

    [Theory]
    [InlineData("""{"\ud800":1}""")]
    [InlineData("""{"model":"fake-1","messages":[{"role":"user","content":"x"}],"logit_bias":{"\ud800":1}}""")]
    [InlineData("""{"model":"fake-1","messages":[{"role":"user","content":"x","\udc00":1}]}""")]
    public async Task Names_that_are_no_text_are_refused(string body)
    {
        using var client = shared.Platform.Client();

        foreach (string path in (string[])["/v1/chat/completions", "/v1/completions", "/api/jobs"])
        {
            using var response = await client.PostAsync(path, new StringContent(body, Encoding.UTF8, "application/json"), TestContext.Current.CancellationToken);
            response.StatusCode.ShouldBe(HttpStatusCode.BadRequest, path);
        }
    }

    [Fact]
    public async Task A_body_beyond_the_limit_is_413()
    {
        using var client = shared.Platform.Client();

        using var response = await client.PostAsync("/v1/chat/completions", new ByteArrayContent(new byte[(1 << 20) + 1]), TestContext.Current.CancellationToken);

        response.StatusCode.ShouldBe(HttpStatusCode.RequestEntityTooLarge);
    }
}
