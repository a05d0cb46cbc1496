namespace Orchestrator.Contracts;

/// <summary>Bytes of one element.</summary>
public static class ElementSize
{
    /// <summary>Bytes of one element; 0 for a type this build does not know.</summary>
    public static int Of(ElementType type) => type switch
    {
        ElementType.UInt8 or ElementType.Int8 or ElementType.Bool => 1,
        ElementType.Float16 or ElementType.BFloat16 => 2,
        ElementType.Float32 or ElementType.Int32 => 4,
        ElementType.Int64 or ElementType.Float64 => 8,
        _ => 0,
    };
}
