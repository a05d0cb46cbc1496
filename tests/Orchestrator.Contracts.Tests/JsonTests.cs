using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using CsCheck;
using Orchestrator.TestKit;

namespace Orchestrator.Contracts.Tests;

public sealed class JsonTests
{
    private static readonly ContractsJson Json = ContractsJson.Default;
    private static readonly SamplingParameters Sampling = new(0.7, 0.9, 0.1, -0.2, ulong.MaxValue, 5, new Dictionary<int, double> { [7] = -1.5 });
    private static readonly Hop Hop = new(Some.Node(), new(0, 2), "127.0.0.1:7000", Some.Digest());
    private static readonly DateTimeOffset Time = DateTimeOffset.UnixEpoch.AddDays(1);

    private static readonly Assignment Assignment = new(
        1, Some.Node(), Some.Job(), Some.Session(), 1, 2, Some.Digest(), 0, [Hop], Sampling, 2, 100,
        new(new(null, [new("user", "hi 🙂")]), 50, ["\n"], false, Some.Digest(2)), "00-trace", Time);

    public static TheoryData<string> Samples => [.. SampleJson().Keys];

    [Theory, MemberData(nameof(Samples))]
    public void A_wire_type_survives_json(string name)
    {
        var (type, text) = SampleJson()[name];
        object? read = JsonSerializer.Deserialize(text, type);
        JsonSerializer.Serialize(read, type).ShouldBe(text);
        text.ShouldNotContain("\"SchemaVersion\"", Case.Sensitive);
    }

    [Theory, MemberData(nameof(Samples))]
    public void Unknown_members_are_ignored_and_missing_ones_refused(string name)
    {
        var (type, text) = SampleJson()[name];
        JsonSerializer.Serialize(JsonSerializer.Deserialize("{\"fromTheFuture\":[1,{}]," + text[1..], type), type).ShouldBe(text);
        using var document = JsonDocument.Parse(text);
        string first = document.RootElement.EnumerateObject().First().Name;
        string without = "{" + string.Join(',', document.RootElement.EnumerateObject().Where(p => p.Name != first).Select(p => $"\"{p.Name}\":{p.Value.GetRawText()}")) + "}";
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize(without, type));
    }

    /// <summary>Whatever the bytes, reading gives a record or a <see cref="JsonException"/>.</summary>
    [Theory, MemberData(nameof(Samples))]
    public void Damaged_json_never_throws_anything_else(string name)
    {
        var (type, text) = SampleJson()[name];
        byte[] bytes = Encoding.UTF8.GetBytes(text);
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte, Gen.Int[0, 3]).Sample((at, value, kind) =>
        {
            byte[] damaged = kind switch
            {
                0 => bytes[..at],
                1 => [.. bytes[..at], value, .. bytes[at..]],
                2 => [.. bytes[..at], .. bytes[Math.Min(bytes.Length, at + value)..]],
                _ => [.. bytes[..at], value, .. bytes[(at + 1)..]],
            };
            try
            {
                JsonSerializer.Deserialize(damaged, type);
            }
            catch (JsonException)
            {
            }
        }, iter: 2000);
    }

    [Theory, MemberData(nameof(Samples))]
    public void Deep_nesting_is_refused(string name)
    {
        var (type, _) = SampleJson()[name];
        string deep = string.Concat(Enumerable.Repeat("{\"x\":", 200)) + "1" + new string('}', 200);
        Should.Throw<JsonException>(() => JsonSerializer.Deserialize(deep, type));
    }

    [Fact]
    public void Prefill_covers_a_prompt_in_full_passes_and_a_rest() => Gen.Int[1, 1000].Sample(tokens =>
    {
        var passes = PrefillPlan.Passes(tokens).ToList();
        passes.Sum(pass => pass.Count).ShouldBe(tokens);
        passes.SkipLast(1).ShouldAllBe(pass => pass.Count == PrefillPlan.ChunkTokens);
        passes.Aggregate(0, (next, pass) => pass.Start == next ? next + pass.Count : -1).ShouldBe(tokens);
    });

    [Fact]
    public void The_unsharded_manifest_takes_and_gives_what_the_stages_do_together()
    {
        var model = new FakeModel(layers: 6, stages: 3).Manifest;
        var whole = model.Unsharded();
        var stage = whole.Stages.ShouldHaveSingleItem();
        stage.Blob.ShouldBe(model.Source);
        stage.Caches.Select(cache => cache.Layer).ShouldBe([0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5]);
        stage.Sends.ShouldHaveSingleItem().Name.ShouldBe("logits");
        ManifestValidator.Validate(whole).Where(error => !error.Contains("parameter", StringComparison.OrdinalIgnoreCase)).ShouldBeEmpty();
    }

    [Fact]
    public void What_has_no_relay_is_written_as_builds_write_it_that_know_of_none()
    {
        SampleJson()[nameof(NodeRecord)].Text.ShouldNotContain("relay");
        SampleJson()[nameof(Contracts.Assignment)].Text.ShouldNotContain("relay");
        var hop = Hop with { Relay = new RelayEndpoint("relay:8444", Some.Digest()) };
        string text = JsonSerializer.Serialize(Assignment with { SchemaVersion = Contracts.Assignment.SchemaFor([hop]), Hops = [hop] }, Json.Assignment);
        text.ShouldStartWith("{\"schemaVersion\":2,");
        JsonSerializer.Deserialize(text, Json.Assignment)!.Hops.ShouldBe([hop]);
    }

    private static Dictionary<string, (JsonTypeInfo Type, string Text)> SampleJson()
    {
        var samples = new Dictionary<string, (JsonTypeInfo, string)>();
        void Add<T>(T value, JsonTypeInfo<T> type) => samples[typeof(T).Name] = (type, JsonSerializer.Serialize(value, type));
        Add(new FakeModel().Manifest, Json.ModelManifest);
        Add(new NodeRecord(1, Some.Node(), "host", "eu", "127.0.0.1:1", new("http://127.0.0.1:2"), Some.Digest(), new(1 << 30, 4, 8, new("onnxruntime/1.31.1", "cpu", "disabled", "fma")), 3, Time), Json.NodeRecord);
        Add(new NodeHeartbeat(1, Some.Node(), 7, [new(Some.Digest(), 0, ShardState.Ready), new(Some.Digest(), 1, ShardState.Failed, "disk")], 2, true, Time), Json.NodeHeartbeat);
        Add(new Placement(1, Some.Node(), Some.Digest(), [0, 3], 5, Time), Json.Placement);
        Add(Assignment, Json.Assignment);
        Add(new Cancellation(1, Some.Node(), Some.Session(), Time), Json.Cancellation);
        Add(new EvidenceRequest(1, Some.Node(), Some.Session(), 2, 1, EvidenceKind.Inputs, Time), Json.EvidenceRequest);
        Add(new GatewayLogin(1, Some.Node(), "gateway.example", Some.Digest(), new byte[32], Time), Json.GatewayLogin);
        Add(new EvidenceDemand(1, Some.Node(), DemandId.Derive(Some.Session(), 2, 1, EvidenceKind.Inputs, "by"), Some.Session(), 2, 1, EvidenceKind.Inputs, new("https://platform/api"), Time), Json.EvidenceDemand);
        Add(new DemandAnswer(1, Some.Node(), DemandId.Derive(Some.Session(), 2, 1, EvidenceKind.Inputs, "by"), Time), Json.DemandAnswer);
        Add(new WitnessTask(1, Some.Node(), DemandId.Derive(Some.Session(), 2, 1, EvidenceKind.Inputs, "by"), 3, new("https://127.0.0.1:2"), Some.Digest(), new SignedMessage("evidence-request/1", [1], new byte[32], new byte[64]), new("https://platform/api"), 100, Time), Json.WitnessTask);
        Add(new DoorCheck(1, Some.Node(), new("https://platform/api"), Time), Json.DoorCheck);
        Add(new WitnessReport(1, Some.Node(), DemandId.Derive(Some.Session(), 2, 1, EvidenceKind.Inputs, "by"), 3, Sighting.Unfit, "why", Time), Json.WitnessReport);
        Add(new ReceiptsDocument(1, Some.Job(), [1, 2], [new SignedMessage("chain-result/1", [1], new byte[32], new byte[64])], new("text", null)), Json.ReceiptsDocument);
        Add(new Receipt(2, Some.Node(), Some.Job(), Some.Session(), Some.Digest(), 1, new(2, 4), Some.Digest(2), new("r", "cpu", "disabled", "fma"), Some.Digest(7), [new(9, 2, Some.Digest(3), Some.Digest(4), Some.Digest(5), Some.Digest(6))], 6, 1234, Time), Json.Receipt);
        Add(new ChainResult(1, Some.Node(), Some.Job(), Some.Session(), 0, 0, 5, [new([1, 2], "ab", FinishReason.Stop)],
            [new SignedMessage("receipt/1", [1], new byte[32], new byte[64])], new(1, 2, 3), new("expired", "m", 2)), Json.ChainResult);
        Add(new StreamEvent(4, 1, new TokenDraw(65, -0.5f, [new(66, -1f)]), "A", FinishReason.Length, null, true), Json.StreamEvent);
        Add(new SignedMessage("receipt/1", Some.Bytes(20), Some.Bytes(32), Some.Bytes(64)), Json.SignedMessage);
        Add(MessageSamples.AuditTask, Json.AuditTask);
        Add(MessageSamples.AuditReport, Json.AuditReport);
        Add(MessageSamples.TraceQuery, Json.TraceQuery);
        Add(MessageSamples.TraceStates, Json.TraceStates);
        Add(MessageSamples.TraceLeaf, Json.TraceLeaf);
        Add(MessageSamples.RefereeTask, Json.RefereeTask);
        Add(MessageSamples.RefereeVerdict, Json.RefereeVerdict);
        return samples;
    }
}
