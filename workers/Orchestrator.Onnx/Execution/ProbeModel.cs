namespace Orchestrator.Onnx.Execution;

/// <summary>The smallest valid ONNX file, to see whether an execution provider starts at all.</summary>
internal static class ProbeModel
{
    /// <summary>ModelProto, IR 8, opset 17: <c>y = Identity(x)</c>, float32 [1].</summary>
    internal static byte[] Identity { get; } = Message(
        Number(1, 8),
        Field(7, Message(
            Field(1, Message(Field(1, "x"u8), Field(2, "y"u8), Field(4, "Identity"u8))),
            Field(2, "g"u8),
            Field(11, Value("x"u8)),
            Field(12, Value("y"u8)))),
        Field(8, Message(Number(2, 17))));

    private static byte[] Value(ReadOnlySpan<byte> name) =>
        Message(Field(1, name), Field(2, Message(Field(1, Message(Number(1, 1), Field(2, Message(Field(1, Message(Number(1, 1))))))))));

    private static byte[] Message(params byte[][] fields) => [.. fields.SelectMany(field => field)];

    private static byte[] Number(int field, byte value) => [(byte)(field << 3), value];

    private static byte[] Field(int field, ReadOnlySpan<byte> content) => [(byte)((field << 3) | 2), checked((byte)content.Length), .. content];
}
