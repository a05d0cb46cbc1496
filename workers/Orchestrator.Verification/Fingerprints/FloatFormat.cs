using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>
/// How values of an element type become the 16 bits a fingerprint stores.
/// bfloat16 (as published) and float16: their own bits, the sign left out of comparisons. float32: the 3 low bits of the exponent and the 13 high bits of the
/// mantissa, fine enough to tell float16 and int8 weights from float32 ones. Neighbouring values differ by one step, also across powers of two.
/// </summary>
public sealed record FloatFormat
{
    /// <summary>32-bit IEEE 754.</summary>
    public static readonly FloatFormat Float32 = new(ElementType.Float32, MantissaBits: 13, Period: 1 << 16);

    /// <summary>16-bit IEEE 754.</summary>
    public static readonly FloatFormat Float16 = new(ElementType.Float16, MantissaBits: 10, Period: 1 << 15);

    /// <summary>bfloat16.</summary>
    public static readonly FloatFormat BFloat16 = new(ElementType.BFloat16, MantissaBits: 7, Period: 1 << 15);

    private FloatFormat(ElementType type, int MantissaBits, int Period) => (Type, this.MantissaBits, this.Period) = (type, MantissaBits, Period);

    /// <summary>The element type.</summary>
    public ElementType Type { get; }

    /// <summary>Mantissa bits kept: an octave has 2 to this power steps.</summary>
    public int MantissaBits { get; }

    /// <summary>Values whose difference is a multiple of this are not told apart.</summary>
    public int Period { get; }

    /// <summary>The format of a type; null for one that has none.</summary>
    public static FloatFormat? Of(ElementType type) => type switch
    {
        ElementType.Float32 => Float32,
        ElementType.Float16 => Float16,
        ElementType.BFloat16 => BFloat16,
        _ => null,
    };

    /// <summary>What is stored for a value, below the field's modulus.</summary>
    /// <param name="magnitude">Bits of the value without its sign.</param>
    /// <param name="negative">Its sign.</param>
    internal int Value(uint magnitude, bool negative)
    {
        int bits = Type == ElementType.Float32 ? (int)(magnitude >> 10) & 0xFFFF : (int)magnitude | (negative ? 0x8000 : 0);
        // The field ends 39 steps below 2^16: what lies between is taken down to its last value, on both sides alike.
        return Math.Min(bits, PrimeField.Modulus - 1);
    }

    /// <summary>Steps between two stored values, 0 to half a <see cref="Period"/>.</summary>
    internal int Distance(int a, int b)
    {
        if (a == b)
            return 0;
        int apart = Math.Abs((a & (Period - 1)) - (b & (Period - 1)));
        // The field's last value stands for all up to 2^16: it is next to 0 as far as anyone can tell.
        int round = Type == ElementType.Float32 && Math.Max(a, b) == PrimeField.Modulus - 1 ? Math.Min(a, b) + 1 : Period - apart;
        return Math.Min(apart, round);
    }
}
