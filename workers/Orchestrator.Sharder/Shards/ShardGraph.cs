using Orchestrator.Contracts;
using Orchestrator.Sharder.Model;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Shards;

/// <summary>Builds the ONNX model of one stage from the whole, optimized model.</summary>
internal static class ShardGraph
{
    /// <summary>A model of its own: only the stage's nodes and initializers, with typed inputs and outputs.</summary>
    public static ModelProto Build(ModelProto whole, ModelGraph graph, StagePlan plan, TensorSpec?[] specs)
    {
        var shard = new GraphProto { Name = $"stage-{plan.Stage}" };
        shard.Node.AddRange(plan.Nodes.Select(node => graph.Nodes[node].Proto));
        shard.Initializer.AddRange(plan.Initializers.Select(value => graph.Values[value].Initializer));
        foreach (var control in plan.Controls)
            shard.Input.Add(Value(control.Name, control.Spec));
        foreach (var received in plan.Receives.Where(received => received.Consumed))
            shard.Input.Add(Value(graph.Values[received.Value].Name, specs[received.Value]!));
        foreach (var cache in plan.Caches)
        {
            shard.Input.Add(Value(cache.Past, cache.Spec, total: "past_sequence_length"));
            shard.Output.Add(Value(cache.Present, cache.Spec));
        }

        var sent = plan.Sends.Where(send => send.Consumed).Select(send => Value(graph.Values[send.Value].Name, specs[send.Value]!)).ToArray();
        for (int i = 0; i < sent.Length; i++)
            shard.Output.Insert(i, sent[i]);
        var model = new ModelProto { IrVersion = whole.IrVersion, ProducerName = "Orchestrator.Sharder", Graph = shard };
        model.OpsetImport.AddRange(whole.OpsetImport);
        return model;
    }

    private static ValueInfoProto Value(string name, TensorSpec spec, string total = "total_sequence_length")
    {
        var shape = new TensorShapeProto();
        shape.Dim.AddRange(spec.Shape.Select(axis => axis switch
        {
            TensorSizes.Batch => new TensorShapeProto.Types.Dimension { DimParam = "batch_size" },
            TensorSizes.Sequence => new TensorShapeProto.Types.Dimension { DimParam = "sequence_length" },
            TensorSizes.Total => new TensorShapeProto.Types.Dimension { DimParam = total },
            _ => new TensorShapeProto.Types.Dimension { DimValue = axis },
        }));
        var type = new TypeProto.Types.Tensor { ElemType = (int)spec.ElementType, Shape = shape };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = type } };
    }
}
