using System.Runtime.InteropServices;
using Google.Protobuf;
using Orchestrator.Sharder.Protobuf;
using Orchestrator.Trainer.Export;
using DataType = Orchestrator.Sharder.Protobuf.TensorProto.Types.DataType;

namespace Orchestrator.Sharder.Tests.Graphs;

/// <summary>The smallest decoder with caches: each layer appends its input to its cache and adds the mean of the cache. Every oddity is a switch.</summary>
internal sealed record ToyDecoder
{
    public const int Vocabulary = 264;
    public const int Heads = 2;
    public const int HeadSize = 4;
    public const int Width = Heads * HeadSize;

    public int Layers { get; init; } = 4;

    /// <summary>Adds the embedding to the input of the last layer once more.</summary>
    public bool LongSkip { get; init; }

    /// <summary>Adds positions computed from the length of layer 0's past to every layer.</summary>
    public bool PastLength { get; init; }

    /// <summary>Uses the embedding, transposed, as the head.</summary>
    public bool TiedHead { get; init; }

    /// <summary>Lists the initializers among the inputs, as IR version 3 does.</summary>
    public bool InitializersAsInputs { get; init; }

    /// <summary>Turns the past before use and back, so that nodes depend on state alone.</summary>
    public bool TurnedPast { get; init; }

    /// <summary>Normalizes the input of every layer, right behind the residual sum.</summary>
    public bool Norm { get; init; }

    /// <summary>Makes everything half precision, which the CPU computes in single precision between casts.</summary>
    public bool HalfPrecision { get; init; }

    public Func<int, string, string> Past { get; init; } = (layer, kind) => $"past_key_values.{layer}.{kind}";

    public Func<int, string, string> Present { get; init; } = (layer, kind) => $"present.{layer}.{kind}";

    public ModelProto Build()
    {
        var graph = new GraphBuilder("toy");
        var random = new Random(3);
        float[] Values(int count) => [.. Enumerable.Range(0, count).Select(_ => random.NextSingle() - 0.5f)];
        graph.Input("input_ids", DataType.Int64, "batch", "sequence");
        graph.Floats("embedding", Values(Vocabulary * Width), Vocabulary, Width);
        graph.Floats("shared", Values(Width * Width), Width, Width);
        graph.Ints("heads", 0, 0, Heads, HeadSize);
        graph.Ints("flat", 0, 0, Width);
        string x = graph.Node("Gather", "embedded", ["embedding", "input_ids"], GraphBuilder.Attribute("axis", 0L));
        for (int layer = 0; layer < Layers; layer++)
            x = Layer(graph, layer, LongSkip && layer == Layers - 1 ? graph.Node("Add", "skipped", [x, "embedded"]) : x);
        string head = TiedHead ? graph.Node("Transpose", "tied", ["embedding"], GraphBuilder.Attribute("perm", 1, 0)) : graph.Floats("head", Values(Width * Vocabulary), Width, Vocabulary);
        graph.Node("MatMul", "", "head/node", [x, head], ["logits"]);
        graph.Output("logits", DataType.Float, "batch", "sequence", Vocabulary);
        return Model(graph);
    }

    public string Write(string folder, string name = "toy.onnx")
    {
        string path = Path.Combine(folder, name);
        File.WriteAllBytes(path, Build().ToByteArray());
        return path;
    }

    private string Layer(GraphBuilder graph, int layer, string x)
    {
        string at = $"layer.{layer}";
        if (PastLength)
            x = graph.Node("Add", $"{at}/positioned", [x, Positions(graph, layer)]);
        string mixed = graph.Node("MatMul", $"{at}/mixed", [Norm ? Normed(graph, at, x) : x, "shared"]);
        string split = graph.Node("Reshape", $"{at}/split", [mixed, "heads"]);
        string fresh = graph.Node("Transpose", $"{at}/fresh", [split], GraphBuilder.Attribute("perm", 0, 2, 1, 3));
        foreach (string kind in (string[])["key", "value"])
        {
            graph.Input(Past(layer, kind), DataType.Float, "batch", Heads, "past", HeadSize);
            graph.Output(Present(layer, kind), DataType.Float, "batch", Heads, "total", HeadSize);
            graph.Node("Concat", "", $"{at}/{kind}", [Turned(graph, layer, kind), fresh], [Present(layer, kind)], GraphBuilder.Attribute("axis", 2L));
        }

        var scores = graph.Node("Mul", $"{at}/scores", [Present(layer, "key"), Present(layer, "value")]);
        var mean = graph.Node("ReduceMean", $"{at}/mean", [scores], GraphBuilder.Attribute("axes", [2L]), GraphBuilder.Attribute("keepdims", 1L));
        var back = graph.Node("Transpose", $"{at}/back", [mean], GraphBuilder.Attribute("perm", 0, 2, 1, 3));
        string joined = graph.Node("Reshape", $"{at}/joined", [back, "flat"]);
        return graph.Node("Add", $"{at}/residual", [x, graph.Node("Add", $"{at}/fed", [mixed, joined])]);
    }

    private static string Normed(GraphBuilder graph, string at, string x)
    {
        graph.Floats($"{at}/gain", [.. Enumerable.Repeat(1f, Width)], Width);
        graph.Floats($"{at}/bias", new float[Width], Width);
        return graph.Node("LayerNormalization", $"{at}/norm", [x, $"{at}/gain", $"{at}/bias"], GraphBuilder.Attribute("axis", -1L));
    }

    private string Turned(GraphBuilder graph, int layer, string kind)
    {
        if (!TurnedPast)
            return Past(layer, kind);
        var turned = graph.Node("Neg", $"layer.{layer}/{kind}/turned", [Past(layer, kind)]);
        return graph.Node("Neg", $"layer.{layer}/{kind}/again", [turned]);
    }

    // [1, 1] float: the number of tokens in layer 0's past.
    private string Positions(GraphBuilder graph, int layer)
    {
        if (layer > 0)
            return "position";
        graph.Ints("past.axis", 2);
        var shape = graph.Node("Shape", "past/shape", [Past(0, "key")]);
        var length = graph.Node("Gather", "past/length", [shape, "past.axis"], GraphBuilder.Attribute("axis", 0L));
        return graph.Node("Cast", "position", [length], GraphBuilder.Attribute("to", (long)DataType.Float));
    }

    private ModelProto Model(GraphBuilder graph)
    {
        if (InitializersAsInputs)
        {
            foreach (var tensor in graph.Graph.Initializer)
            {
                var shape = new TensorShapeProto();
                shape.Dim.AddRange(tensor.Dims.Select(dim => new TensorShapeProto.Types.Dimension { DimValue = dim }));
                graph.Graph.Input.Add(new ValueInfoProto
                {
                    Name = tensor.Name,
                    Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = tensor.DataType, Shape = shape } },
                });
            }
        }

        if (HalfPrecision)
            ToHalf(graph.Graph);
        var model = new ModelProto { IrVersion = 8, Graph = graph.Graph, OpsetImport = { new OperatorSetIdProto { Domain = "", Version = 17 } } };
        model.MetadataProps.Add(new StringStringEntryProto { Key = "orchestrator.context_length", Value = "64" });
        model.MetadataProps.Add(new StringStringEntryProto { Key = "orchestrator.tokenizer", Value = "byte" });
        return model;
    }

    private static void ToHalf(GraphProto graph)
    {
        foreach (var tensor in graph.Initializer.Where(tensor => tensor.DataType == (int)DataType.Float))
        {
            Half[] halves = [.. MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray().Select(value => (Half)value)];
            tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<Half>(halves));
            tensor.DataType = (int)DataType.Float16;
        }

        foreach (var value in graph.Input.Concat(graph.Output).Where(value => value.Type.TensorType.ElemType == (int)DataType.Float))
            value.Type.TensorType.ElemType = (int)DataType.Float16;
        foreach (var to in graph.Node.Where(node => node.OpType == "Cast").SelectMany(node => node.Attribute))
            to.I = (long)DataType.Float16;
    }
}
