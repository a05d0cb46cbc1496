using DataType = Orchestrator.Sharder.Protobuf.TensorProto.Types.DataType;
using TensorProto = Orchestrator.Sharder.Protobuf.TensorProto;

namespace Orchestrator.Sharder.Model;

/// <summary>Sizes of initializers. See TensorProto in the ONNX specification for which field holds which type.</summary>
internal static class TensorData
{
    /// <summary>Bits of one element as raw data; 0 for strings and unknown types.</summary>
    public static int Bits(int dataType) => (DataType)dataType switch
    {
        DataType.Uint4 or DataType.Int4 or DataType.Float4E2M1 => 4,
        DataType.Uint8 or DataType.Int8 or DataType.Bool or DataType.Float8E4M3Fn or DataType.Float8E4M3Fnuz
            or DataType.Float8E5M2 or DataType.Float8E5M2Fnuz or DataType.Float8E8M0 => 8,
        DataType.Uint16 or DataType.Int16 or DataType.Float16 or DataType.Bfloat16 => 16,
        DataType.Float or DataType.Int32 or DataType.Uint32 => 32,
        DataType.Double or DataType.Int64 or DataType.Uint64 or DataType.Complex64 => 64,
        DataType.Complex128 => 128,
        _ => 0,
    };

    /// <summary>Bytes of all elements in memory.</summary>
    public static long Bytes(TensorProto tensor, long elements) => checked(elements * Bits(tensor.DataType) + 7) / 8;

    /// <summary>Whether the elements are floating point, which is what counts as parameters.</summary>
    public static bool IsFloat(TensorProto tensor) =>
        (DataType)tensor.DataType is DataType.Float or DataType.Float16 or DataType.Bfloat16 or DataType.Double;

    /// <summary>Whether the tensor holds as much data as its shape asks for.</summary>
    public static bool Fits(TensorProto tensor, long elements)
    {
        if ((DataType)tensor.DataType == DataType.String)
            return tensor.StringData.Count == elements;
        int bits = Bits(tensor.DataType);
        if (bits == 0)
            return false;
        if (tensor.HasRawData)
            return tensor.RawData.Length == Bytes(tensor, elements);
        long stored = tensor.FloatData.Count + (long)tensor.Int32Data.Count + tensor.Int64Data.Count + tensor.DoubleData.Count + tensor.Uint64Data.Count;
        return stored == (DataType)tensor.DataType switch
        {
            DataType.Complex64 or DataType.Complex128 => 2 * elements,
            DataType.Uint4 or DataType.Int4 or DataType.Float4E2M1 => (elements + 1) / 2,
            _ => elements,
        };
    }
}
