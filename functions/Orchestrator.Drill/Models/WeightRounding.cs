using System.Runtime.InteropServices;
using Google.Protobuf;
using Orchestrator.Contracts;
using Orchestrator.Sharder.Protobuf;

namespace Orchestrator.Drill.Models;

/// <summary>How precise a shard's weights are.</summary>
public enum WeightFormat
{
    /// <summary>As published.</summary>
    Published,

    /// <summary>Every weight rounded to IEEE half precision.</summary>
    Float16,

    /// <summary>Every matrix rounded to 8-bit integers, one scale per row.</summary>
    Int8,

    /// <summary>Every matrix of a layer is zero: a layer then adds nothing to what came in, so that the same bits go on as if it had been skipped.</summary>
    Skipped,
}

/// <summary>
/// Rewrites a shard with less precise weights, or without those of its layers. They are stored as float32 again, so that the graph stays as it is and what runs is just what
/// a host would get that keeps half or a quarter of the memory, or skips its layers.
/// </summary>
public static class WeightRounding
{
    /// <summary>Part of the names of a layer's weights, as exporters of decoders name them; embedding and head have none of it.</summary>
    private const string LayerNames = "layers.";

    /// <summary>Writes the rounded shard.</summary>
    /// <exception cref="InvalidDataException">The shard has no float32 weights to round.</exception>
    public static void Rewrite(string shardPath, string roundedPath, WeightFormat format)
    {
        ModelProto model;
        using (var file = File.OpenRead(shardPath))
            model = ModelProto.Parser.ParseFrom(file);
        int rounded = model.Graph.Initializer.Count(tensor => Round(tensor, format));
        if (rounded == 0)
            throw new InvalidDataException($"{Path.GetFileName(shardPath)} has no float32 matrices to round.");
        string temporary = roundedPath + ".tmp";
        using (var output = File.Create(temporary))
            model.WriteTo(output);
        File.Move(temporary, roundedPath);
    }

    private static bool Round(TensorProto tensor, WeightFormat format)
    {
        if (tensor.DataType != (int)ElementType.Float32 || tensor.Dims.Count < 2)
            return false;
        float[] weights = tensor.HasRawData ? MemoryMarshal.Cast<byte, float>(tensor.RawData.Span).ToArray() : [.. tensor.FloatData];
        if (weights.Length == 0)
            return false;
        switch (format)
        {
            case WeightFormat.Skipped when !tensor.Name.Contains(LayerNames, StringComparison.Ordinal):
                return false;
            case WeightFormat.Skipped:
                Array.Clear(weights);
                break;
            case WeightFormat.Float16:
                ToHalf(weights);
                break;
            default:
                ToInt8(weights, weights.Length / (int)tensor.Dims[0]);
                break;
        }

        tensor.FloatData.Clear();
        tensor.RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(weights.AsSpan()));
        return true;
    }

    private static void ToHalf(float[] weights)
    {
        for (int i = 0; i < weights.Length; i++)
            weights[i] = (float)(Half)weights[i];
    }

    private static void ToInt8(float[] weights, int row)
    {
        for (int start = 0; start < weights.Length; start += row)
        {
            var values = weights.AsSpan(start, row);
            float largest = 0;
            foreach (float value in values)
                largest = Math.Max(largest, Math.Abs(value));
            float scale = largest / sbyte.MaxValue;
            for (int i = 0; scale > 0 && i < values.Length; i++)
                values[i] = MathF.Round(values[i] / scale) * scale;
        }
    }
}
