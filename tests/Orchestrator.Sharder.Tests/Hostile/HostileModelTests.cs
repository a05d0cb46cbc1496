using Google.Protobuf;
using Orchestrator.Onnx.Offline;
using Orchestrator.Sharder.Protobuf;
using Orchestrator.Sharder.Tests.Graphs;
using Orchestrator.Trainer.Export;
using DataType = Orchestrator.Sharder.Protobuf.TensorProto.Types.DataType;

namespace Orchestrator.Sharder.Tests.Hostile;

public sealed class HostileModelTests : IDisposable
{
    private readonly TemporaryFolder folder = new();

    public void Dispose() => folder.Dispose();

    [Theory]
    [InlineData("../secret.data")]
    [InlineData("/etc/passwd")]
    [InlineData("sub/../../secret.data")]
    [InlineData("..\\secret.data")]
    [InlineData("C:\\secret.data")]
    [InlineData("sub//secret.data")]
    [InlineData("")]
    public async Task External_weights_outside_of_the_model_folder_are_refused(string location)
    {
        var message = await Refusal(model => External(model, ("location", location)));

        message.ShouldContain("'shared'");
        message.ShouldContain("beside the model, without '..'");
    }

    [Theory]
    [InlineData("offset", "999999999")]
    [InlineData("length", "9223372036854775807")]
    [InlineData("offset", "-1")]
    [InlineData("length", "many")]
    public async Task External_ranges_outside_of_their_file_are_refused(string key, string value)
    {
        File.WriteAllBytes(folder.At("weights.data"), new byte[64]);

        (await Refusal(model => External(model, ("location", "weights.data"), (key, value)))).ShouldContain("'shared'");
    }

    [Fact]
    public async Task A_missing_weights_file_is_named() =>
        (await Refusal(model => External(model, ("location", "weights.data")))).ShouldContain("'weights.data' is missing; put it beside the model");

    [Fact]
    public async Task A_cycle_is_refused() => (await Refusal(model =>
    {
        var add = model.Graph.Node.Single(node => node.Name == "layer.0/mixed");
        add.Input[0] = "layer.3/residual";
    })).ShouldContain("cycle");

    [Fact]
    public async Task A_value_defined_twice_is_refused() =>
        (await Refusal(model => model.Graph.Node[5].Output[0] = model.Graph.Node[4].Output[0])).ShouldContain("defined twice");

    [Fact]
    public async Task A_value_defined_never_is_refused() =>
        (await Refusal(model => model.Graph.Node[3].Input[0] = "nowhere")).ShouldContain("reads 'nowhere', which nothing defines");

    [Fact]
    public async Task Random_operators_are_refused_because_nobody_could_verify_them() =>
        (await Refusal(model => model.Graph.Node[3].OpType = "RandomNormalLike")).ShouldContain("cannot be verified");

    [Theory]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 50)]
    public async Task An_initializer_of_absurd_shape_is_refused(long dim) =>
        (await Refusal(model => Shared(model).Dims[0] = dim)).ShouldContain("'shared'");

    [Fact]
    public async Task An_initializer_with_less_data_than_its_shape_is_refused() =>
        (await Refusal(model => Shared(model).RawData = ByteString.CopyFrom(1, 2, 3))).ShouldContain("data that does not fit");

    [Fact]
    public async Task Too_many_nodes_are_refused() => (await Refusal(model =>
    {
        var node = new NodeProto { OpType = "Identity" };
        for (int i = 0; i < 200_001; i++)
            model.Graph.Node.Add(node);
    })).ShouldContain("1..200000 nodes");

    [Fact]
    public async Task Graphs_nested_without_end_are_refused()
    {
        (await Refusal(model =>
        {
            var graph = new GraphProto { Node = { new NodeProto { OpType = "Identity" } } };
            for (int depth = 0; depth < 20; depth++)
                graph = new GraphProto { Node = { new NodeProto { OpType = "If", Attribute = { new AttributeProto { Name = "then_branch", G = graph } } } } };
            model.Graph.Node.AddRange(graph.Node);
        })).ShouldContain("nests graphs");
    }

    [Fact]
    public async Task Protobuf_nested_without_end_does_not_overflow_the_stack()
    {
        byte[] bytes = [];
        for (int depth = 0; depth < 5_000; depth++)
            bytes = Field(depth % 2 == 0 ? 1 : 4, bytes);
        File.WriteAllBytes(folder.At("deep.onnx"), Field(7, Field(12, Field(2, bytes))));

        (await Refusal(folder.At("deep.onnx"))).ShouldContain("not an ONNX file");
    }

    [Fact]
    public async Task An_input_of_unknown_role_is_refused_and_the_known_ones_are_named()
    {
        string message = await Refusal(model => model.Graph.Input.Add(new ValueInfoProto { Name = "encoder_hidden_states" }));

        message.ShouldContain("'encoder_hidden_states' has no known role");
        message.ShouldContain("past_key_values.N.key/value");
    }

    [Fact]
    public async Task A_model_without_caches_is_refused()
    {
        var graph = new GraphBuilder("plain");
        graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        graph.Floats("table", new float[8], 2, 4);
        graph.Node("Gather", "", "logits", ["table", "input_ids"], ["logits"]);
        graph.Output("logits", DataType.Float, "batch", "sequence", 4);
        File.WriteAllBytes(folder.At("plain.onnx"), new ModelProto { IrVersion = 8, Graph = graph.Graph }.ToByteArray());

        (await Refusal(folder.At("plain.onnx"))).ShouldContain("no key/value caches");
    }

    [Fact]
    public async Task A_present_without_past_and_a_gap_in_the_layers_are_both_reported()
    {
        string message = await Refusal(model =>
        {
            model.Graph.Input.Single(input => input.Name == "past_key_values.1.key").Name = "past_key_values.9.key";
            foreach (var node in model.Graph.Node.Where(node => node.Input.Contains("past_key_values.1.key")))
                node.Input[0] = "past_key_values.9.key";
        });

        message.ShouldContain("'present.1.key' has no matching past");
        message.ShouldContain("'past_key_values.9.key' breaks the row");
    }

    [Theory]
    [InlineData(0)]
    [InlineData(257)]
    [InlineData(-1)]
    public async Task A_number_of_stages_out_of_range_is_refused(int stages) =>
        (await Refusal(new ToyDecoder().Write(folder.Path), stages)).ShouldContain("it must be 1..256");

    [Fact]
    public async Task More_stages_than_layers_are_refused_and_the_most_possible_is_named()
    {
        string path = new ToyDecoder { Layers = 3 }.Write(folder.Path);
        var sharder = new ModelSharder(new OnnxModelRuntime());
        var options = new ShardingOptions { Name = "toy", Stages = 4, OutputFolder = folder.At("out") };

        var refusal = await Should.ThrowAsync<InvalidDataException>(() => sharder.ShardAsync(path, options, TestContext.Current.CancellationToken));
        refusal.Message.ShouldBe("4 stages were asked for, but the model has 3 layers and can be cut into 3 at most.");
        Directory.Exists(folder.At("out")).ShouldBeFalse();
    }

    [Fact]
    public async Task A_model_of_an_unknown_tokenizer_or_without_context_length_is_refused()
    {
        (await Refusal(model => model.MetadataProps[1].Value = "wordpiece")).ShouldContain("'wordpiece'");
        (await Refusal(model => model.MetadataProps.RemoveAt(0))).ShouldContain("pass one");
        (await Refusal(model => model.MetadataProps[0].Value = "3")).ShouldContain("it must be 8..");
    }

    [Fact]
    public async Task A_name_that_clients_could_not_use_is_refused()
    {
        var sharder = new ModelSharder(new OnnxModelRuntime());
        var options = new ShardingOptions { Name = "../Toy", Stages = 1, OutputFolder = folder.At("out") };

        (await Should.ThrowAsync<InvalidDataException>(() => sharder.ShardAsync(new ToyDecoder().Write(folder.Path), options, TestContext.Current.CancellationToken)))
            .Message.ShouldContain("[a-z0-9][a-z0-9._-]");
    }

    [Fact]
    public async Task Shapes_and_masks_that_all_depend_on_each_other_are_refused_before_they_fill_the_memory() => (await Refusal(model =>
    {
        for (int i = 0; i < 6_000; i++)
            model.Graph.Node.Add(new NodeProto { OpType = "Shape", Input = { "embedded" }, Output = { $"shape.{i}" } });
        for (int i = 0; i < 6_000; i++)
            model.Graph.Node.Add(new NodeProto { OpType = "Add", Input = { $"shape.{i}", i == 0 ? "shape.0" : $"sum.{i - 1}" }, Output = { $"sum.{i}" } });
    })).ShouldContain("simplify it before cutting");

    private static TensorProto Shared(ModelProto model) => model.Graph.Initializer.Single(tensor => tensor.Name == "shared");

    private static void External(ModelProto model, params (string Key, string Value)[] entries)
    {
        var tensor = Shared(model);
        tensor.ClearRawData();
        tensor.DataLocation = TensorProto.Types.DataLocation.External;
        tensor.ExternalData.AddRange(entries.Select(entry => new StringStringEntryProto { Key = entry.Key, Value = entry.Value }));
    }

    private Task<string> Refusal(Action<ModelProto> change)
    {
        var model = new ToyDecoder().Build();
        change(model);
        File.WriteAllBytes(folder.At("hostile.onnx"), model.ToByteArray());
        return Refusal(folder.At("hostile.onnx"));
    }

    private async Task<string> Refusal(string path, int stages = 2)
    {
        var sharder = new ModelSharder(new CopyingRuntime());
        var options = new ShardingOptions { Name = "toy", Stages = stages, OutputFolder = folder.At("out") };
        var refusal = await Should.ThrowAsync<InvalidDataException>(() => sharder.ShardAsync(path, options, TestContext.Current.CancellationToken));
        refusal.Message.ShouldNotBe(CopyingRuntime.Refusal);
        return refusal.Message;
    }

    // A length-delimited protobuf field.
    private static byte[] Field(int number, byte[] content)
    {
        using var stream = new MemoryStream();
        using (var output = new CodedOutputStream(stream, leaveOpen: true))
        {
            output.WriteTag(number, WireFormat.WireType.LengthDelimited);
            output.WriteBytes(UnsafeByteOperations.UnsafeWrap(content));
        }

        return stream.ToArray();
    }
}
