using System.Buffers.Binary;

namespace Orchestrator.Verification;

/// <summary>
/// TOPLOC's fingerprint of a chunk (arXiv 2501.16007): a polynomial over GF(65497) through (index mod <see cref="Modulus"/>, value) of the largest values.
/// Encoded big-endian: <c>modulus u16, coefficients u16 in ascending order</c>, one per point. What does not fit is refused, so there is one encoding of each.
/// </summary>
public sealed class Fingerprint
{
    /// <summary>Most points: the largest values by magnitude.</summary>
    public const int Points = 128;

    /// <summary>Bytes of a fingerprint with all points.</summary>
    public const int MaxBytes = 2 + 2 * Points;

    /// <summary>Smallest modulus: below it indices would be folded too much.</summary>
    public const int LeastModulus = 32769;

    private readonly ushort[] coefficients;

    private Fingerprint(int modulus, ushort[] coefficients) => (Modulus, this.coefficients) = (modulus, coefficients);

    /// <summary>What indices are reduced by, 32769 to 65497.</summary>
    public int Modulus { get; }

    /// <summary>Number of points it was made of.</summary>
    public int Count => coefficients.Length;

    /// <summary>The fingerprint through the points; null when there is none, or no modulus keeps their indices apart (not met in practice).</summary>
    public static Fingerprint? Of(ReadOnlySpan<FingerprintPoint> points)
    {
        if (points.Length is 0 or > Points)
            return null;
        int modulus = PrimeField.Modulus;
        while (!Distinct(points, modulus))
        {
            if (--modulus < LeastModulus)
                return null;
        }

        Span<uint> x = stackalloc uint[points.Length], y = stackalloc uint[points.Length];
        for (int i = 0; i < points.Length; i++)
            (x[i], y[i]) = (points[i].Index % (uint)modulus, (uint)points[i].Value);
        return new Fingerprint(modulus, PrimeField.Interpolate(x, y));
    }

    /// <summary>Reads an encoded fingerprint of exactly <paramref name="points"/> points. Never throws on hostile input.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, int points, out Fingerprint fingerprint, out string? error)
    {
        fingerprint = null!;
        error = points is < 1 or > Points || bytes.Length != 2 + 2 * points ? $"it has {bytes.Length} bytes, not those of {points} points" : null;
        if (error is not null)
            return false;
        int modulus = BinaryPrimitives.ReadUInt16BigEndian(bytes);
        if (modulus is < LeastModulus or > PrimeField.Modulus)
        {
            error = $"its modulus {modulus} is not in {LeastModulus}..{PrimeField.Modulus}";
            return false;
        }

        ushort[] coefficients = new ushort[points];
        for (int i = 0; i < points; i++)
        {
            coefficients[i] = BinaryPrimitives.ReadUInt16BigEndian(bytes[(2 + 2 * i)..]);
            if (coefficients[i] >= PrimeField.Modulus)
            {
                error = $"coefficient {i} is {coefficients[i]}, not below {PrimeField.Modulus}";
                return false;
            }
        }

        fingerprint = new Fingerprint(modulus, coefficients);
        return true;
    }

    /// <summary>The encoded form.</summary>
    public byte[] Encode()
    {
        byte[] bytes = new byte[2 + 2 * Count];
        BinaryPrimitives.WriteUInt16BigEndian(bytes, (ushort)Modulus);
        for (int i = 0; i < Count; i++)
            BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(2 + 2 * i), coefficients[i]);
        return bytes;
    }

    /// <summary>The value it holds for an index; arbitrary for an index that was not among its points.</summary>
    public int ValueAt(uint index) => PrimeField.Evaluate(coefficients, (int)(index % (uint)Modulus));

    private static bool Distinct(ReadOnlySpan<FingerprintPoint> points, int modulus)
    {
        Span<ulong> seen = stackalloc ulong[(PrimeField.Modulus + 63) / 64];
        seen.Clear();
        foreach (var point in points)
        {
            uint at = point.Index % (uint)modulus;
            ulong bit = 1UL << (int)(at & 63);
            if ((seen[(int)(at >> 6)] & bit) != 0)
                return false;
            seen[(int)(at >> 6)] |= bit;
        }

        return true;
    }
}
