using CsCheck;

namespace Orchestrator.Verification.Tests.Fingerprints;

public sealed class FingerprintTests
{
    private static readonly Gen<FingerprintPoint[]> Points =
        Gen.Select(Gen.UInt[0, 5_000_000].Array[1, Fingerprint.Points], Gen.Int[0, 65496].Array[Fingerprint.Points])
            .Select((indices, values) => indices.Distinct().Select((index, i) => new FingerprintPoint(index, values[i])).ToArray());

    [Fact]
    public void It_holds_every_value_at_its_index_and_survives_its_encoding() =>
        Points.Sample(points =>
        {
            var made = Fingerprint.Of(points).ShouldNotBeNull();
            byte[] bytes = made.Encode();
            bytes.Length.ShouldBe(2 + 2 * points.Length);
            Fingerprint.TryDecode(bytes, points.Length, out var read, out string? error).ShouldBeTrue(error);
            read.Encode().ShouldBe(bytes);
            foreach (var point in points)
                read.ValueAt(point.Index).ShouldBe(point.Value);
        });

    [Fact]
    public void Indices_that_collide_take_a_smaller_modulus()
    {
        FingerprintPoint[] points = [new(1, 10), new(1 + 65497, 20), new(1 + 65496, 30)];

        var made = Fingerprint.Of(points).ShouldNotBeNull();

        made.Modulus.ShouldBe(65495);
        points.ShouldAllBe(p => made.ValueAt(p.Index) == p.Value);
    }

    [Fact]
    public void Indices_that_no_modulus_keeps_apart_make_no_fingerprint()
    {
        // Their difference is a common multiple of none, yet they are the same index twice.
        Fingerprint.Of([new(5, 1), new(5, 2)]).ShouldBeNull();
        Fingerprint.Of([]).ShouldBeNull();
    }

    [Fact]
    public void What_the_published_decoder_lets_through_is_refused()
    {
        byte[] good = Fingerprint.Of([new(3, 1), new(70_000, 2)])!.Encode();
        Refused(good, 2).ShouldBeFalse();
        Refused([], 2).ShouldBeTrue();
        Refused([], 0).ShouldBeTrue();
        Refused(good, 1).ShouldBeTrue();
        Refused(good, 3).ShouldBeTrue();
        Refused([.. good, 0], 2).ShouldBeTrue();
        Refused([.. good, 0, 0], 2).ShouldBeTrue();
        Refused(good[..^1], 2).ShouldBeTrue();
        Refused([0, 0, .. good[2..]], 2).ShouldBeTrue("the null fingerprint divides by zero");
        Refused([0x80, 0x00, .. good[2..]], 2).ShouldBeTrue("32768 folds indices too much");
        Refused([0x80, 0x01, .. good[2..]], 2).ShouldBeFalse();
        Refused([0xFF, 0xDA, .. good[2..]], 2).ShouldBeTrue("65498 is above the field");
        Refused([0xFF, 0xD9, .. good[2..]], 2).ShouldBeFalse();
        Refused([good[0], good[1], 0xFF, 0xD9, 0, 0], 2).ShouldBeTrue("65497 is not in the field");
        Refused([good[0], good[1], 0xFF, 0xD8, 0, 0], 2).ShouldBeFalse();
        Refused(new byte[2 + 2 * 129], 129).ShouldBeTrue();
    }

    [Fact]
    public void Hostile_bytes_are_refused_or_are_the_encoding_of_what_they_hold() =>
        Gen.Select(Gen.Byte.Array[0, 300], Gen.Int[-1, 130]).Sample((bytes, points) =>
        {
            if (Fingerprint.TryDecode(bytes, points, out var read, out string? error))
                read.Encode().ShouldBe(bytes);
            else
                error.ShouldNotBeNull();
        });

    [Fact]
    public void Hostile_points_are_refused_or_are_the_encoding_of_what_they_hold() =>
        Gen.Byte.Array[0, 800].Sample(bytes =>
        {
            if (FingerprintPoints.TryDecode(bytes, out var points, out string? error))
                FingerprintPoints.Encode(points).ShouldBe(bytes);
            else
                error.ShouldNotBeNull();
        });

    [Fact]
    public void Points_survive_their_encoding() =>
        Points.Sample(points =>
        {
            FingerprintPoints.TryDecode(FingerprintPoints.Encode(points), out var read, out string? error).ShouldBeTrue(error);
            read.ShouldBe(points);
        });

    private static bool Refused(byte[] bytes, int points) => !Fingerprint.TryDecode(bytes, points, out _, out _);
}
