using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Sharder.Operators;

/// <summary>Operators of the ONNX standard whose outputs are sequences, optional values or maps.</summary>
internal static class NonTensors
{
    private static readonly HashSet<string> Operators = new(StringComparer.Ordinal)
    {
        "SequenceConstruct", "SequenceEmpty", "SequenceInsert", "SequenceErase", "SequenceMap", "SplitToSequence", "Optional", "ZipMap", "DictVectorizer",
    };

    /// <summary>Whether the node makes a value that is not a dense tensor.</summary>
    public static bool Makes(NodeProto node) => Operators.Contains(node.OpType);
}
