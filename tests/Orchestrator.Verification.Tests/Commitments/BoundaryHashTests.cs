using System.Buffers.Binary;
using Orchestrator.Contracts;

namespace Orchestrator.Verification.Tests.Commitments;

public sealed class BoundaryHashTests
{
    [Fact]
    public void It_is_sha256_over_the_documented_layout()
    {
        using var hash = new BoundaryHash();
        hash.Current().ShouldBe(Digest.Of([]));
        hash.BeginPass(5, 2, 1);
        hash.Append(ElementType.Float32, [1, 2, 3, 4]);
        byte[] layout = new byte[28];
        BinaryPrimitives.WriteUInt32LittleEndian(layout, 5);
        BinaryPrimitives.WriteUInt32LittleEndian(layout.AsSpan(4), 2);
        BinaryPrimitives.WriteUInt32LittleEndian(layout.AsSpan(8), 1);
        BinaryPrimitives.WriteUInt32LittleEndian(layout.AsSpan(12), 1);
        BinaryPrimitives.WriteUInt64LittleEndian(layout.AsSpan(16), 4);
        layout.AsSpan(24).Clear();
        layout[24] = 1;
        layout[25] = 2;
        layout[26] = 3;
        layout[27] = 4;
        hash.Current().ShouldBe(Digest.Of(layout));
        hash.Current().ShouldBe(Digest.Of(layout));
    }

    [Fact]
    public void Every_difference_shows()
    {
        Digest[] digests =
        [
            Of(0, 1, ElementType.Float32, [1, 2]), Of(1, 1, ElementType.Float32, [1, 2]), Of(0, 2, ElementType.Float32, [1, 2]),
            Of(0, 1, ElementType.Int32, [1, 2]), Of(0, 1, ElementType.Float32, [1, 3]), Of(0, 1, ElementType.Float32, [1], [2]), Of(0, 1, ElementType.Float32, [1, 2], []),
        ];
        digests.Distinct().Count().ShouldBe(digests.Length);
        Of(0, 1, ElementType.Float32, [1, 2]).ShouldBe(digests[0]);
    }

    private static Digest Of(int position, int tokens, ElementType type, params byte[][] tensors)
    {
        using var hash = new BoundaryHash();
        hash.BeginPass(position, tokens, tensors.Length);
        foreach (byte[] tensor in tensors)
            hash.Append(type, tensor);
        return hash.Current();
    }
}
