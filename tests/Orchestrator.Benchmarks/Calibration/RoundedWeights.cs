using System.Runtime.InteropServices;
using Google.Protobuf;
using Orchestrator.Sharder.Protobuf;
using DataType = Orchestrator.Sharder.Protobuf.TensorProto.Types.DataType;

namespace Orchestrator.Benchmarks.Calibration;

/// <summary>Copies a shard with its matrices rounded as a cheaper format would store them.</summary>
internal static class RoundedWeights
{
    /// <summary>The formats, by name.</summary>
    internal static IReadOnlyDictionary<string, Action<float[], int>> Formats { get; } = new Dictionary<string, Action<float[], int>>
    {
        ["fp16 weights"] = (values, _) => Each(values, v => (float)(Half)v),
        ["bf16 weights"] = (values, _) => Each(values, v => BitConverter.UInt32BitsToSingle((BitConverter.SingleToUInt32Bits(v) + 0x7FFF + (BitConverter.SingleToUInt32Bits(v) >> 16 & 1)) & 0xFFFF0000)),
        ["int8 weights, scale per column"] = Columns,
        ["int8 weights, scale per 32 of a column"] = Groups,
    };

    /// <summary>Writes the copy.</summary>
    internal static void Write(string shard, string copy, Action<float[], int> round)
    {
        var model = ModelProto.Parser.ParseFrom(File.ReadAllBytes(shard));
        foreach (var tensor in model.Graph.Initializer.Where(t => t.DataType == (int)DataType.Float && t.Dims.Count == 2 && !t.Name.EndsWith("_cache", StringComparison.Ordinal)))
        {
            float[] values = tensor.HasRawData ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];
            round(values, (int)tensor.Dims[1]);
            tensor.FloatData.Clear();
            tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.AsSpan()));
        }

        using var file = File.Create(copy);
        model.WriteTo(file);
    }

    private static void Each(float[] values, Func<float, float> round)
    {
        for (int i = 0; i < values.Length; i++)
            values[i] = round(values[i]);
    }

    private static void Columns(float[] values, int columns) => Quantize(values, columns, values.Length / columns);

    private static void Groups(float[] values, int columns) => Quantize(values, columns, 32);

    private static void Quantize(float[] values, int columns, int group)
    {
        int rows = values.Length / columns;
        for (int column = 0; column < columns; column++)
        {
            for (int from = 0; from < rows; from += group)
            {
                int to = Math.Min(from + group, rows);
                float scale = 0;
                for (int row = from; row < to; row++)
                    scale = Math.Max(scale, Math.Abs(values[row * columns + column]) / 127);
                for (int row = from; scale > 0 && row < to; row++)
                    values[row * columns + column] = MathF.Round(values[row * columns + column] / scale) * scale;
            }
        }
    }
}
