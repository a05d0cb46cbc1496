using Google.Protobuf;
using Orchestrator.Contracts;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder.Protobuf;
using Orchestrator.Sharder.Tests.Graphs;

namespace Orchestrator.Sharder.Tests.EndToEnd;

public sealed class ToyShardingTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Fact]
    public async Task A_skip_connection_over_a_whole_stage_is_passed_on_by_it()
    {
        var manifest = (await Shard(new ToyDecoder { LongSkip = true }, stages: 4)).Manifest;

        manifest.Stages[0].Sends.Single(send => send.Name == "embedded").Consumed.ShouldBeTrue();
        manifest.Stages[1].Receives.Single(receive => receive.Name == "embedded").Consumed.ShouldBeFalse();
        manifest.Stages[1].Sends.Single(send => send.Name == "embedded").Consumed.ShouldBeFalse();
        manifest.Stages[2].Receives.Single(receive => receive.Name == "embedded").Consumed.ShouldBeTrue();

        // The sum of both is narrower than both, so stage 2 adds them although only layer 3 needs the sum.
        manifest.Stages[2].Sends.Select(send => send.Name).ShouldBe(["skipped"]);
    }

    [Fact]
    public async Task The_length_of_a_past_crosses_as_a_shape_and_what_follows_from_it_is_repeated()
    {
        var result = await Shard(new ToyDecoder { PastLength = true }, stages: 4);

        // Before the last layer the position can be added ahead of the cut, and then nothing later needs it.
        result.Cuts[^1].LiveTensors.ShouldBe(["layer.3/positioned"]);
        foreach (var cut in result.Cuts.SkipLast(1))
        {
            cut.LiveTensors.Count.ShouldBe(2, string.Join(", ", cut.LiveTensors));
            cut.BytesPerToken.ShouldBe(ToyDecoder.Width * sizeof(float));
            cut.FixedBytes.ShouldBe(4 * sizeof(long));
        }
    }

    [Fact]
    public async Task A_norm_behind_a_residual_sum_leaves_one_tensor_to_cross()
    {
        var result = await Shard(new ToyDecoder { Norm = true }, stages: 4);

        result.Check!.Comparison!.BitIdentical.ShouldBeTrue();
        result.Cuts.ShouldAllBe(cut => cut.LiveTensors.Count == 1);
    }

    [Fact]
    public async Task Half_precision_is_cut_where_the_runtime_rounds_anyway()
    {
        var result = await Shard(new ToyDecoder { HalfPrecision = true, Norm = true, LongSkip = true }, stages: 4);

        result.Check!.Comparison!.BitIdentical.ShouldBeTrue();
        result.Manifest.Stages[0].Caches[0].Spec.ElementType.ShouldBe(ElementType.Float16);
    }

    [Fact]
    public async Task A_shared_initializer_is_copied_into_every_shard_that_reads_it()
    {
        var result = await Shard(new ToyDecoder(), stages: 2);

        foreach (string path in result.ShardPaths)
            ModelProto.Parser.ParseFrom(File.ReadAllBytes(path)).Graph.Initializer.Select(tensor => tensor.Name).ShouldContain("shared");
        result.Manifest.Stages.Sum(stage => stage.ParameterCount).ShouldBe(result.Manifest.ParameterCount + ToyDecoder.Width * ToyDecoder.Width);
    }

    [Theory]
    [InlineData(true, false, false)]
    [InlineData(false, true, false)]
    [InlineData(false, false, true)]
    [InlineData(true, true, true)]
    public async Task Tied_heads_turned_pasts_and_initializers_among_the_inputs_change_nothing(bool tied, bool turned, bool asInputs)
    {
        var toy = new ToyDecoder { TiedHead = tied, TurnedPast = turned, InitializersAsInputs = asInputs, LongSkip = true, PastLength = true };
        var result = await Shard(toy, stages: 4);

        result.Check!.Comparison!.BitIdentical.ShouldBeTrue();
        result.Cuts.Select(cut => cut.LiveTensors.Count).ShouldBe([3, 3, 1]);
    }

    [Theory]
    [InlineData("past.{0}.{1}", "present.{0}.{1}")]
    [InlineData("past_{1}_{0}", "present_{1}_{0}")]
    [InlineData("past_key_values_{0}_{1}", "present_key_values_{0}_{1}")]
    public async Task Caches_are_known_by_their_common_names(string past, string present)
    {
        var toy = new ToyDecoder { Past = (layer, kind) => string.Format(past, layer, kind), Present = (layer, kind) => string.Format(present, layer, kind) };
        var manifest = (await Shard(toy, stages: 2)).Manifest;

        manifest.Stages[1].Caches[^1].Past.ShouldBe(string.Format(past, 3, "value"));
        manifest.Stages[1].Caches[^1].Present.ShouldBe(string.Format(present, 3, "value"));
        manifest.KvLayout.ShouldBe(KvLayout.Growing);
    }

    [Fact]
    public async Task Outputs_besides_logits_and_caches_are_dropped_and_named()
    {
        var model = new ToyDecoder().Build();
        model.Graph.Output.Add(new ValueInfoProto { Name = "layer.1/residual" });
        var result = await Shard(model, stages: 2);

        result.DroppedOutputs.ShouldBe(["layer.1/residual"]);
    }

    [Fact]
    public async Task Weights_beside_the_model_come_into_the_shards()
    {
        var model = new ToyDecoder().Build();
        var shared = model.Graph.Initializer.Single(tensor => tensor.Name == "shared");
        byte[] data = [.. new byte[16], .. shared.RawData.ToByteArray()];
        File.WriteAllBytes(folder.At("weights.data"), data);
        shared.ClearRawData();
        shared.DataLocation = TensorProto.Types.DataLocation.External;
        shared.ExternalData.Add(new StringStringEntryProto { Key = "location", Value = "weights.data" });
        shared.ExternalData.Add(new StringStringEntryProto { Key = "offset", Value = "16" });
        var result = await Shard(model, stages: 2);

        var inside = ModelProto.Parser.ParseFrom(File.ReadAllBytes(result.ShardPaths[1])).Graph.Initializer.Single(tensor => tensor.Name == "shared");
        inside.RawData.ToByteArray().ShouldBe(data[16..]);
    }

    [Fact]
    public async Task The_same_model_always_gives_the_same_bytes()
    {
        var model = new ToyDecoder { LongSkip = true, PastLength = true, TiedHead = true }.Build();
        var first = await Shard(model, stages: 3, output: "first");
        var second = await Shard(model, stages: 3, output: "second");

        second.ManifestDigest.ShouldBe(first.ManifestDigest);
        second.ManifestBytes.ToArray().ShouldBe(first.ManifestBytes.ToArray());
        for (int stage = 0; stage < 3; stage++)
            File.ReadAllBytes(second.ShardPaths[stage]).ShouldBe(File.ReadAllBytes(first.ShardPaths[stage]));
    }

    [Fact]
    public async Task The_manifest_on_disk_is_what_the_digest_names_and_passes_validation()
    {
        var result = await Shard(new ToyDecoder(), stages: 4);
        byte[] bytes = await File.ReadAllBytesAsync(result.ManifestPath, TestContext.Current.CancellationToken);

        Digest.Of(bytes).ShouldBe(result.ManifestDigest);
        ManifestValidator.TryParse(bytes, out var manifest, out var errors).ShouldBeTrue(string.Join('\n', errors));
        manifest.Stages.Select(stage => stage.Layers).ShouldBe([new(0, 1), new(1, 2), new(2, 3), new(3, 4)]);
        manifest.Vocabulary.ShouldBe(ToyDecoder.Vocabulary);
        manifest.ContextLength.ShouldBe(64);
        manifest.Stages[0].ModelInputs.Single().Role.ShouldBe(InputRole.TokenIds);
        manifest.Stages.Skip(1).ShouldAllBe(stage => stage.ModelInputs.Count == 0);
    }

    private Task<ShardingResult> Shard(ToyDecoder toy, int stages) => Shard(toy.Build(), stages);

    private Task<ShardingResult> Shard(ModelProto model, int stages, string output = "out")
    {
        File.WriteAllBytes(folder.At("toy.onnx"), model.ToByteArray());
        return new ModelSharder(new OnnxModelRuntime()).ShardAsync(
            folder.At("toy.onnx"),
            new ShardingOptions { Name = "toy", Stages = stages, OutputFolder = folder.At(output) },
            TestContext.Current.CancellationToken);
    }
}
