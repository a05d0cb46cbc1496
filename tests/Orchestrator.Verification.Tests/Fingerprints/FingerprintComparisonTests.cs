using System.Runtime.InteropServices;
using CsCheck;
using Orchestrator.Contracts;

namespace Orchestrator.Verification.Tests.Fingerprints;

public sealed class FingerprintComparisonTests
{
    private static readonly Gen<float[]> Values = Gen.Int[0, int.MaxValue].Select(seed =>
    {
        var random = new Random(seed);
        return Enumerable.Range(0, 4096).Select(_ => (float)(random.NextDouble() * random.NextDouble() * 8 - 2)).ToArray();
    });

    [Fact]
    public void A_chunk_is_equal_to_itself() =>
        Values.Sample(values => Compare(values, values).ShouldBe(new FingerprintComparison(128, 0, 0, 0)));

    [Fact]
    public void The_error_of_a_relative_change_is_its_size_in_steps() =>
        Values.Sample(
            values =>
            {
                // One part in 512 is 16 steps of 2^-13 at the start of an octave, half of that at its end.
                var found = Compare(values, [.. values.Select(v => v * (1 + 1f / 512))]);
                found.Mismatches.ShouldBeLessThan(4);
                found.MeanError.ShouldBeInRange(7, 33);
                found.MedianError.ShouldBeInRange(7, 33);
            },
            iter: 100);

    [Fact]
    public void Steps_are_counted_across_powers_of_two()
    {
        float[] below = [.. Enumerable.Repeat(BitConverter.UInt32BitsToSingle(0x407FFC00), 200)], above = [.. Enumerable.Repeat(4f, 200)];

        Compare(below, above).ShouldBe(new FingerprintComparison(128, 0, 1, 1));
        Compare([.. Enumerable.Repeat(BitConverter.UInt32BitsToSingle(0x4FFFFC00), 200)], [.. Enumerable.Repeat(BitConverter.UInt32BitsToSingle(0x50000000), 200)])
            .MeanError.ShouldBe(1, "the field ends before 2^16, and nobody honest is to suffer from it");
    }

    [Fact]
    public void Another_chunk_mismatches_almost_everywhere() =>
        Gen.Select(Values, Values).Sample((a, b) => Compare(a, b).Mismatches.ShouldBeGreaterThan(64), iter: 100);

    [Fact]
    public void A_lost_index_is_a_mismatch()
    {
        // Not on a line: a polynomial through the other points would meet the lost ones.
        float[] own = [.. Enumerable.Range(0, 500).Select(i => i < 400 ? i / 1000f : 1 + MathF.Abs(MathF.Sin(i * i)))];
        float[] claimed = [.. own];
        for (int i = 480; i < 490; i++)
            claimed[i] = 0;

        Compare(own, claimed).Mismatches.ShouldBeInRange(5, 10, "a wrong value may fall near by chance");
    }

    [Fact]
    public void Limits_are_inclusive_and_scale_with_the_number_of_points()
    {
        var limits = new FingerprintThresholds(8, 2, 1);

        limits.Accept(new(128, 8, 2, 1)).ShouldBeTrue();
        limits.Accept(new(128, 9, 2, 1)).ShouldBeFalse();
        limits.Accept(new(128, 8, 2.01, 1)).ShouldBeFalse();
        limits.Accept(new(128, 8, 2, 1.5)).ShouldBeFalse();
        limits.Accept(new(16, 1, 0, 0)).ShouldBeTrue();
        limits.Accept(new(16, 2, 0, 0)).ShouldBeFalse();
        limits.Accept(new(0, 0, 0, 0)).ShouldBeFalse();
        limits.Accept(new(128, 128, 0, 0)).ShouldBeFalse();
    }

    [Fact]
    public void Only_float32_between_cpus_has_narrow_limits()
    {
        ExecutionClass cpu = new("onnxruntime/1", "cpu", "disabled", "fma"), old = cpu with { Instructions = "none" }, cuda = cpu with { Provider = "cuda" };

        FingerprintThresholds.Between(cpu, old, FloatFormat.Float32).ShouldBe(FingerprintThresholds.Float32);
        FingerprintThresholds.Between(cpu, cuda, FloatFormat.Float32).ShouldBe(new FingerprintThresholds(38, 640, 512));
        FingerprintThresholds.Between(cuda, cpu, FloatFormat.Float16).ShouldBe(new FingerprintThresholds(38, 80, 64));
        FingerprintThresholds.Between(cpu, cpu, FloatFormat.BFloat16).ShouldBe(FingerprintThresholds.Published);
    }

    [Fact]
    public void Bfloat16_is_compared_without_its_sign()
    {
        ushort[] own = [.. Enumerable.Range(0, 300).Select(i => (ushort)(0x3F80 + i % 64))], other = [.. own.Select(v => (ushort)(v ^ 0x8000))];

        Compare(FloatFormat.BFloat16, MemoryMarshal.AsBytes(own.AsSpan()), MemoryMarshal.AsBytes(other.AsSpan())).ShouldBe(new FingerprintComparison(128, 0, 0, 0));
    }

    private static FingerprintComparison Compare(float[] own, float[] claimed) =>
        Compare(FloatFormat.Float32, MemoryMarshal.AsBytes(own.AsSpan()), MemoryMarshal.AsBytes(claimed.AsSpan()));

    private static FingerprintComparison Compare(FloatFormat format, ReadOnlySpan<byte> own, ReadOnlySpan<byte> claimed)
    {
        var mine = new FingerprintBuilder(format);
        var theirs = new FingerprintBuilder(format);
        mine.Add(format.Type, own);
        theirs.Add(format.Type, claimed);
        Fingerprint.TryDecode(theirs.Finish(), Fingerprint.Points, out var fingerprint, out string? error).ShouldBeTrue(error);
        return FingerprintComparison.Of(mine.Points(), fingerprint, format);
    }
}
