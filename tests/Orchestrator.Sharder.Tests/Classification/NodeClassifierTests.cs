using Orchestrator.Sharder.Classification;
using Orchestrator.Sharder.Model;
using Orchestrator.Sharder.Protobuf;
using Orchestrator.Sharder.Tests.Graphs;
using Orchestrator.Trainer.Export;
using DataType = Orchestrator.Sharder.Protobuf.TensorProto.Types.DataType;

namespace Orchestrator.Sharder.Tests.Classification;

public sealed class NodeClassifierTests
{
    [Fact]
    public void Nodes_are_classed_by_what_they_depend_on()
    {
        var graph = new GraphBuilder("classes");
        graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        graph.Input("attention_mask", DataType.Int64, "batch", "total");
        graph.Input("past_key_values.0.key", DataType.Float, "batch", 1, "past", 4);
        graph.Input("past_key_values.0.value", DataType.Float, "batch", 1, "past", 4);
        graph.Floats("table", new float[8], 2, 4);
        graph.Int("axis", 2);
        graph.Node("Neg", "constant", ["table"]);
        graph.Node("Neg", "mask", ["attention_mask"]);
        graph.Node("Shape", "mask.shape", ["attention_mask"]);
        graph.Node("Gather", "x", ["constant", "input_ids"]);
        graph.Node("Shape", "x.shape", ["x"]);
        graph.Node("Gather", "x.length", ["x.shape", "axis"]);
        graph.Node("Add", "both", ["x.length", "mask.shape"]);
        graph.Node("Neg", "state", ["past_key_values.0.key"]);
        graph.Node("Size", "state.size", ["state"]);
        graph.Node("Neg", "state.value", ["past_key_values.0.value"]);
        graph.Node("Mul", "mixed", ["x", "state"]);
        graph.Node("Add", "", "logits.node", ["mixed", "both"], ["logits"]);
        graph.Node("Identity", "", "key", ["state"], ["present.0.key"]);
        graph.Node("Identity", "", "value", ["state.value"], ["present.0.value"]);
        foreach (string output in (string[])["logits", "present.0.key", "present.0.value"])
            graph.Output(output, DataType.Float);

        var model = ModelGraph.Of(graph.Graph);
        var classes = NodeClassifier.Classify(model, ModelSignature.Of(graph.Graph));

        NodeClass Of(string name) => classes.Values[model[name].Index];
        Of("constant").ShouldBe(NodeClass.Constant);
        Of("mask").ShouldBe(NodeClass.Meta);
        Of("mask.shape").ShouldBe(NodeClass.Meta);
        Of("x").ShouldBe(NodeClass.Activation);
        Of("x.shape").ShouldBe(NodeClass.Leaf);
        Of("x.length").ShouldBe(NodeClass.Meta);
        Of("both").ShouldBe(NodeClass.Meta);
        Of("state").ShouldBe(NodeClass.State);
        Of("state.size").ShouldBe(NodeClass.Leaf);
        Of("mixed").ShouldBe(NodeClass.Activation);

        // Seen through the repeated nodes, the logits need the mixture and the shape, not what is computed from the shape.
        int logits = model["logits"].Producer;
        classes.Needs[logits].Select(value => model.Values[value].Name).ShouldBe(["x.shape", "mixed"], ignoreOrder: true);
    }

    [Fact]
    public void A_nested_graph_depends_on_what_it_captures()
    {
        var proto = new ToyDecoder { Layers = 1 }.Build().Graph;
        var branch = new GraphProto
        {
            Node = { new NodeProto { OpType = "Identity", Input = { "embedded" }, Output = { "inner" } } },
            Output = { new ValueInfoProto { Name = "inner" } },
        };
        var node = new NodeProto
        {
            OpType = "If",
            Name = "branch",
            Input = { "shared" },
            Output = { "branched" },
            Attribute = { new AttributeProto { Name = "then_branch", G = branch }, new AttributeProto { Name = "else_branch", G = branch.Clone() } },
        };
        proto.Node.Add(node);
        var graph = ModelGraph.Of(proto);
        var classes = NodeClassifier.Classify(graph, ModelSignature.Of(proto));

        classes.Values[graph["branched"].Index].ShouldBe(NodeClass.Activation);
        graph.Nodes[graph["branched"].Producer].Inputs.ShouldContain(graph["embedded"].Index);
    }
}
