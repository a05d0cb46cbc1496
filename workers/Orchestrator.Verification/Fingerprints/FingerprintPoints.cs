using System.Buffers.Binary;

namespace Orchestrator.Verification;

/// <summary>
/// The points behind a fingerprint as bytes: <c>index u32, value u16</c> each, little-endian, largest value first. An auditor reports these: compared with the
/// claimed <see cref="Fingerprint"/> they show how far apart two runs are, which two fingerprints alone cannot.
/// </summary>
public static class FingerprintPoints
{
    private const int Each = 6;

    /// <summary>Most bytes.</summary>
    public const int MaxBytes = Each * Fingerprint.Points;

    /// <summary>The encoded form; empty for no points.</summary>
    public static byte[] Encode(ReadOnlySpan<FingerprintPoint> points)
    {
        byte[] bytes = new byte[Each * points.Length];
        for (int i = 0; i < points.Length; i++)
        {
            BinaryPrimitives.WriteUInt32LittleEndian(bytes.AsSpan(Each * i), points[i].Index);
            BinaryPrimitives.WriteUInt16LittleEndian(bytes.AsSpan(Each * i + 4), (ushort)points[i].Value);
        }

        return bytes;
    }

    /// <summary>Reads what <see cref="Encode"/> wrote. Never throws on hostile input.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out FingerprintPoint[] points, out string? error)
    {
        points = [];
        error = bytes.Length % Each != 0 || bytes.Length > MaxBytes ? $"{bytes.Length} bytes are not up to {Fingerprint.Points} points" : null;
        if (error is not null)
            return false;
        var read = new FingerprintPoint[bytes.Length / Each];
        var indices = new HashSet<uint>();
        for (int i = 0; i < read.Length; i++)
        {
            read[i] = new(BinaryPrimitives.ReadUInt32LittleEndian(bytes[(Each * i)..]), BinaryPrimitives.ReadUInt16LittleEndian(bytes[(Each * i + 4)..]));
            if (read[i].Value >= PrimeField.Modulus || !indices.Add(read[i].Index))
            {
                error = $"point {i} has a value out of range or an index that came before";
                return false;
            }
        }

        points = read;
        return true;
    }
}
