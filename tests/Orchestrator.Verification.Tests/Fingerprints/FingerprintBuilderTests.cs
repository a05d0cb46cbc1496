using System.Runtime.InteropServices;
using CsCheck;
using Orchestrator.Contracts;

namespace Orchestrator.Verification.Tests.Fingerprints;

public sealed class FingerprintBuilderTests
{
    private static readonly Gen<float> Any = Gen.OneOf(
        Gen.Float[-10, 10], Gen.Const(0f), Gen.Const(-0f), Gen.Const(1f), Gen.Const(-1f), Gen.Const(float.NaN), Gen.Const(float.PositiveInfinity), Gen.Const(float.NegativeInfinity));

    [Fact]
    public void It_finds_the_largest_of_float32_however_they_come() =>
        Gen.Select(Any.Array[0, 3000], Gen.Int[1, 700]).Sample((values, piece) =>
            Points(FloatFormat.Float32, MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), 4 * piece)
                .ShouldBe(Largest(values.Select(v => BitConverter.SingleToUInt32Bits(v)), 31, FloatFormat.Float32)));

    [Fact]
    public void It_finds_the_largest_of_16_bit_types_however_they_come() =>
        Gen.Select(Gen.UShort.Array[0, 3000], Gen.Int[1, 700]).Sample((values, piece) =>
        {
            byte[] bytes = MemoryMarshal.AsBytes(values.AsSpan()).ToArray();
            foreach (var format in new[] { FloatFormat.Float16, FloatFormat.BFloat16 })
                Points(format, bytes, 2 * piece).ShouldBe(Largest(values.Select(v => (uint)v), 15, format));
        });

    [Fact]
    public void A_long_run_of_rising_values_is_searched_too()
    {
        float[] values = [.. Enumerable.Range(0, 200_000).Select(i => (float)i)];
        Points(FloatFormat.Float32, MemoryMarshal.AsBytes(values.AsSpan()).ToArray(), 4 * 32_000).Select(p => p.Index)
            .ShouldBe(Enumerable.Range(0, Fingerprint.Points).Select(i => (uint)(199_999 - i)));
    }

    [Fact]
    public void Other_types_are_left_out_and_nothing_makes_nothing()
    {
        var builder = new FingerprintBuilder(FloatFormat.Float32);
        builder.Add(ElementType.Int64, new byte[64]);
        builder.Points().ShouldBeEmpty();
        builder.Finish().ShouldBeEmpty();
        new FingerprintBuilder(null).Finish().ShouldBeEmpty();
    }

    [Fact]
    public void It_starts_anew_after_a_chunk()
    {
        var builder = new FingerprintBuilder(FloatFormat.Float32);
        byte[] bytes = MemoryMarshal.AsBytes(Enumerable.Range(1, 500).Select(i => 1f / i).ToArray().AsSpan()).ToArray();
        builder.Add(ElementType.Float32, bytes);
        byte[] first = builder.Finish();
        builder.Add(ElementType.Float32, bytes);

        builder.Finish().ShouldBe(first);
        first.Length.ShouldBe(Fingerprint.MaxBytes);
    }

    private static FingerprintPoint[] Points(FloatFormat format, byte[] bytes, int piece)
    {
        var builder = new FingerprintBuilder(format);
        for (int at = 0; at < bytes.Length; at += piece)
            builder.Add(format.Type, bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)));
        return builder.Points();
    }

    private static FingerprintPoint[] Largest(IEnumerable<uint> bits, int signBit, FloatFormat format) =>
        [.. bits.Select((b, i) => (Magnitude: b & ((1u << signBit) - 1), Index: (uint)i, Negative: b >> signBit != 0))
            .OrderByDescending(v => v.Magnitude).ThenBy(v => v.Index).Take(Fingerprint.Points)
            .Select(v => new FingerprintPoint(v.Index, Value(format, v.Magnitude, v.Negative)))];

    // The documented rule, written anew.
    private static int Value(FloatFormat format, uint magnitude, bool negative)
    {
        int value = format.Type == ElementType.Float32 ? (int)(magnitude / 1024 % 65536) : (int)magnitude + (negative ? 32768 : 0);
        return value > 65496 ? 65496 : value;
    }
}
