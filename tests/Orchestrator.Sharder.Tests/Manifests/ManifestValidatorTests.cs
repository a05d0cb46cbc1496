using System.Text.Json;
using CsCheck;
using Orchestrator.Contracts;

namespace Orchestrator.Sharder.Tests.Manifests;

public sealed class ManifestValidatorTests
{
    private static readonly ModelManifest Good = Manifest(stages: 3);

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    [InlineData(256)]
    public void A_sound_manifest_passes_and_comes_back_whole(int stages)
    {
        byte[] json = Json(Manifest(stages));

        ManifestValidator.TryParse(json, out var manifest, out var errors).ShouldBeTrue(string.Join('\n', errors));
        Json(manifest).ShouldBe(json);
    }

    public static TheoryData<string, ModelManifest> Broken => new()
    {
        { "schemaVersion is 2", Good with { SchemaVersion = 2 } },
        { "name is '../x'", Good with { Name = "../x" } },
        { "name is ''", Good with { Name = "" } },
        { "layerCount is 0", Good with { LayerCount = 0 } },
        { "layers end at 6", Good with { LayerCount = 7 } },
        { "contextLength is -1", Good with { ContextLength = -1 } },
        { "vocabulary has only 100", Good with { Vocabulary = 100 } },
        { "kvLayout is 9", Good with { KvLayout = (KvLayout)9 } },
        { "parameterCount is 1000", Good with { ParameterCount = 1000 } },
        { "Unknown tokenizer kind 'bpe'", Good with { Tokenizer = Good.Tokenizer with { Kind = "bpe" } } },
        { "stages has 0 entries", Good with { Stages = [] } },
        { "stages has 257 entries", Good with { Stages = [.. Enumerable.Repeat(Good.Stages[0], 257)] } },
        { "null entry", Good with { Stages = [Good.Stages[0], null!, Good.Stages[2]] } },
        { "stages[1].stage is 7", Stage(1, stage => stage with { Stage = 7 }) },
        { "stages[1].layers is [2,2)", Stage(1, stage => stage with { Layers = new LayerRange(2, 2) }) },
        { "stages[1].layers is [1,4)", Stage(1, stage => stage with { Layers = new LayerRange(1, 4) }) },
        { "stages[2].layers is [4,2147483647)", Stage(2, stage => stage with { Layers = new LayerRange(4, int.MaxValue) }) },
        { "stages[0].layers is [-2147483648,2147483647)", Stage(0, stage => stage with { Layers = new LayerRange(int.MinValue, int.MaxValue) }) },
        { "Expected a Digest", Stage(0, stage => stage with { Blob = default }) },
        { "stages[0].bytes is 0", Stage(0, stage => stage with { Bytes = 0 }) },
        { "stages[0].parameterCount is -1", Stage(0, stage => stage with { ParameterCount = -1 }) },
        { "stages[0].receives must be empty", Stage(0, stage => stage with { Receives = stage.Sends }) },
        { "stages[1].receives must list", Stage(1, stage => stage with { Receives = [stage.Receives[0] with { Name = "other" }] }) },
        { "stages[1].receives must list", Stage(1, stage => stage with { Receives = [stage.Receives[0] with { Spec = Spec(ElementType.Float16, [-1, -2, 8]) }] }) },
        { "neither read nor passed on", Stage(1, stage => stage with { Receives = [stage.Receives[0] with { Consumed = false }] }) },
        { "must be produced here or received", Stage(1, stage => stage with { Sends = [stage.Sends[0] with { Consumed = false }] }) },
        { "stages[0].bytesPerToken is 33", Stage(0, stage => stage with { BytesPerToken = 33 }) },
        { "sends must be the logits only", Stage(2, stage => stage with { Sends = [stage.Sends[0] with { Spec = Spec(ElementType.Float32, [-1, -2, 8]) }] }) },
        { "takes the token ids", Stage(0, stage => stage with { ModelInputs = [] }) },
        { "takes the token ids", Stage(1, stage => stage with { ModelInputs = Good.Stages[0].ModelInputs }) },
        { "one role to two inputs", Stage(0, stage => stage with { ModelInputs = [.. stage.ModelInputs, stage.ModelInputs[0] with { Name = "again" }] }) },
        { "must be Int64", Stage(0, stage => stage with { ModelInputs = [stage.ModelInputs[0] with { Spec = Spec(ElementType.Int32, [-1, -2]) }] }) },
        { "unknown role", Stage(0, stage => stage with { ModelInputs = [.. stage.ModelInputs, stage.ModelInputs[0] with { Name = "again", Role = (InputRole)5 }] }) },
        { "a key and a value for each layer", Stage(0, stage => stage with { Caches = [.. stage.Caches.Skip(1)] }) },
        { "must be floating point [-1, heads", Cache(spec => spec with { ElementType = ElementType.Int64, BytesPerToken = 64 }) },
        { "unknown element type 77", Cache(spec => spec with { ElementType = (ElementType)77 }) },
        { "has bytesPerToken 1;", Cache(spec => spec with { BytesPerToken = 1 }) },
        { "must have at most 8 axes", Cache(spec => spec with { Shape = [-1, 0, -3, 4] }) },
        { "must have at most 8 axes", Cache(spec => spec with { Shape = [-1, 2, -4, 4] }) },
        { "must have at most 8 axes", Cache(spec => spec with { Shape = [-1, 2, -3, 4, 1, 1, 1, 1, 1] }) },
        { "is too large", Cache(spec => spec with { Shape = [-1, int.MaxValue, -3, int.MaxValue] }) },
        { "at most 1099511627776 are allowed", Cache(spec => spec with { Shape = [-1, 1 << 20, -3, 1 << 16], BytesPerToken = 1L << 38 }) },
        { "name a tensor twice", Stage(0, stage => stage with { Caches = [stage.Caches[0], .. stage.Caches.Skip(1).Select(cache => cache with { Past = stage.Caches[0].Past })] }) },
        { "printable characters", Stage(0, stage => stage with { Caches = [stage.Caches[0] with { Past = "a\nb" }, .. stage.Caches.Skip(1)] }) },
        { "printable characters", Stage(0, stage => stage with { Caches = [stage.Caches[0] with { Past = new string('x', 513) }, .. stage.Caches.Skip(1)] }) },
        { "has a null tensor", Stage(0, stage => stage with { Caches = [null!, .. stage.Caches.Skip(1)] }) },
        { "too many tensors", Stage(0, stage => stage with { Sends = [.. Enumerable.Repeat(stage.Sends[0], 1025)] }) },
    };

    [Theory]
    [MemberData(nameof(Broken))]
    public void What_is_wrong_is_named(string expected, ModelManifest manifest)
    {
        ManifestValidator.TryParse(Json(manifest), out var parsed, out var errors).ShouldBeFalse();

        parsed.ShouldBeNull();
        errors.ShouldContain(error => error.Contains(expected, StringComparison.Ordinal), string.Join('\n', errors));
    }

    [Fact]
    public void All_errors_are_reported_at_once_up_to_a_limit()
    {
        var stage = Good.Stages[1] with { Stage = -1, Bytes = -1, ParameterCount = -1 };
        var errors = ManifestValidator.Validate(Good with { Name = "", ContextLength = 0, Stages = [.. Enumerable.Repeat(stage, 200)] });

        errors.Count.ShouldBe(ManifestValidator.MaxErrors);
    }

    [Theory]
    [InlineData("")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("{\"schemaVersion\":1e99}")]
    public void What_is_no_manifest_is_refused(string json)
    {
        ManifestValidator.TryParse(System.Text.Encoding.UTF8.GetBytes(json), out _, out var errors).ShouldBeFalse();

        errors.Count.ShouldBe(1);
    }

    [Fact]
    public void A_manifest_beyond_the_size_limit_is_not_parsed()
    {
        ManifestValidator.TryParse(new byte[ManifestValidator.MaxBytes + 1], out _, out var errors).ShouldBeFalse();

        errors.Single().ShouldContain("at most 4194304 are read");
    }

    [Fact]
    public void Random_bytes_are_refused_without_an_exception() =>
        Gen.Byte.Array[0, 300].Sample(bytes => ManifestValidator.TryParse(bytes, out _, out _).ShouldBeFalse(), iter: 5_000);

    [Fact]
    public void Mutated_manifests_are_refused_or_sound()
    {
        byte[] json = Json(Good);
        string[] tokens = ["null", "-1", "0", "\"\"", "[]", "{}", "9223372036854775807", "1e400", "true", "\"Float32\"", "99"];
        Gen.Select(Gen.Int[0, json.Length - 1], Gen.Int[0, 30], Gen.Int[0, tokens.Length - 1]).Array[1, 3].Sample(edits =>
        {
            string text = System.Text.Encoding.UTF8.GetString(json);
            foreach (var (at, length, token) in edits)
                text = ReplaceValue(text, Math.Min(at, text.Length - 1), length, tokens[token]);
            if (ManifestValidator.TryParse(System.Text.Encoding.UTF8.GetBytes(text), out var manifest, out _))
                ManifestValidator.Validate(manifest).ShouldBeEmpty();
        }, iter: 20_000);
    }

    // Replaces the JSON value after the next colon, so that most mutations stay JSON; else some bytes.
    private static string ReplaceValue(string text, int at, int length, string token)
    {
        int colon = text.IndexOf(':', at);
        if (colon < 0)
            return text.Remove(at, Math.Min(length, text.Length - at)).Insert(at, token);
        int end = text.AsSpan(colon + 1).IndexOfAny(",}]");
        return end < 0 ? text : string.Concat(text.AsSpan(0, colon + 1), token, text.AsSpan(colon + 1 + end));
    }

    private static byte[] Json(ModelManifest manifest) => JsonSerializer.SerializeToUtf8Bytes(manifest, ContractsJson.Default.ModelManifest);

    private static ModelManifest Stage(int index, Func<ShardManifest, ShardManifest> change)
    {
        ShardManifest[] stages = [.. Good.Stages];
        stages[index] = change(stages[index]);
        return Good with { Stages = stages };
    }

    private static ModelManifest Cache(Func<TensorSpec, TensorSpec> change) =>
        Stage(1, stage => stage with { Caches = [stage.Caches[0] with { Spec = change(stage.Caches[0].Spec) }, .. stage.Caches.Skip(1)] });

    private static TensorSpec Spec(ElementType type, long[] shape) => new(type, shape, TensorSizes.BytesPerToken(type, shape, 64));

    private static ModelManifest Manifest(int stages)
    {
        var shards = Enumerable.Range(0, stages).Select(stage =>
        {
            bool last = stage == stages - 1;
            var layers = new LayerRange(2 * stage, 2 * stage + 2);
            BoundaryTensor send = last
                ? new("logits", true, Spec(ElementType.Float32, [-1, -2, 264]))
                : new($"x.{stage}", true, Spec(ElementType.Float32, [-1, -2, 8]));
            return new ShardManifest(
                stage, layers, Digest.Of([(byte)stage]), Bytes: 100, ParameterCount: 10,
                stage == 0 ? [new ModelInput("input_ids", InputRole.TokenIds, Spec(ElementType.Int64, [-1, -2]))] : [],
                stage == 0 ? [] : [new BoundaryTensor($"x.{stage - 1}", true, Spec(ElementType.Float32, [-1, -2, 8]))],
                [send],
                [.. Enumerable.Range(layers.Start, 2).SelectMany(layer => (string[])[$"{layer}.key", $"{layer}.value"], (layer, kind) =>
                    new CacheTensor(layer, $"past.{kind}", $"present.{kind}", Spec(ElementType.Float32, [-1, 2, -3, 4])))],
                send.Spec.BytesPerToken);
        });
        return new ModelManifest(
            ModelManifest.CurrentSchema, "toy", Digest.Of([]), 2 * stages, ContextLength: 64, ParameterCount: 10 * stages, Vocabulary: 264,
            TokenizerSpec.ByteDefault, KvLayout.Growing, [.. shards]);
    }
}
