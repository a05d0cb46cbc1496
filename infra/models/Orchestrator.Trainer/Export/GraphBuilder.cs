using System.Runtime.InteropServices;
using Google.Protobuf;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Trainer.Export;

/// <summary>Writes nodes, constants and values into a <see cref="GraphProto"/>. A node's output carries the node's name.</summary>
public sealed class GraphBuilder(string name)
{
    /// <summary>The domain of ONNX Runtime's own operators.</summary>
    public const string RuntimeDomain = "com.microsoft";

    public GraphProto Graph { get; } = new() { Name = name };

    /// <summary>Adds a node with one output and returns that output's name, which is <paramref name="node"/>.</summary>
    public string Node(string op, string node, string[] inputs, params AttributeProto[] attributes) =>
        Node(op, "", node, inputs, [node], attributes)[0];

    public string[] Node(string op, string domain, string node, string[] inputs, string[] outputs, params AttributeProto[] attributes)
    {
        var proto = new NodeProto { OpType = op, Name = node };
        if (domain.Length > 0)
            proto.Domain = domain;
        proto.Input.AddRange(inputs);
        proto.Output.AddRange(outputs);
        proto.Attribute.AddRange(attributes);
        Graph.Node.Add(proto);
        return outputs;
    }

    /// <summary>Adds a float constant and returns its name.</summary>
    public string Floats(string name, ReadOnlySpan<float> values, params long[] shape) =>
        Raw(name, TensorProto.Types.DataType.Float, MemoryMarshal.AsBytes(values), shape);

    /// <summary>Adds an int64 constant and returns its name; no <paramref name="values"/> beyond one means a vector all the same.</summary>
    public string Ints(string name, params long[] values) =>
        Raw(name, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes<long>(values), [values.Length]);

    /// <summary>Adds a scalar int64 constant and returns its name.</summary>
    public string Int(string name, long value) =>
        Raw(name, TensorProto.Types.DataType.Int64, MemoryMarshal.AsBytes<long>([value]), []);

    public string Input(string name, TensorProto.Types.DataType type, params object[] shape)
    {
        Graph.Input.Add(Value(name, type, shape));
        return name;
    }

    public void Output(string name, TensorProto.Types.DataType type, params object[] shape) => Graph.Output.Add(Value(name, type, shape));

    public static AttributeProto Attribute(string name, long value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Int, I = value };

    public static AttributeProto Attribute(string name, float value) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Float, F = value };

    public static AttributeProto Attribute(string name, params long[] values) =>
        new() { Name = name, Type = AttributeProto.Types.AttributeType.Ints, Ints = { values } };

    private string Raw(string name, TensorProto.Types.DataType type, ReadOnlySpan<byte> bytes, long[] shape)
    {
        if (!BitConverter.IsLittleEndian)
            throw new PlatformNotSupportedException("ONNX raw data is little-endian; run this on a little-endian machine.");
        Graph.Initializer.Add(new TensorProto
        {
            Name = name,
            DataType = (int)type,
            Dims = { shape },
            RawData = UnsafeByteOperations.UnsafeWrap(bytes.ToArray()),
        });
        return name;
    }

    private static ValueInfoProto Value(string name, TensorProto.Types.DataType type, object[] shape)
    {
        var dims = shape.Select(dim => dim switch
        {
            string symbol => new TensorShapeProto.Types.Dimension { DimParam = symbol },
            int size => new TensorShapeProto.Types.Dimension { DimValue = size },
            _ => throw new ArgumentException($"A dimension is a symbol or a size, not {dim}.", nameof(shape)),
        });
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = new TensorShapeProto { Dim = { dims } } };
        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }
}
