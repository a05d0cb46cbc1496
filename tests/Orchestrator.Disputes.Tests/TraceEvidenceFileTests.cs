using CsCheck;
using Orchestrator.Contracts;
using Orchestrator.Disputes.Evidence;
using Orchestrator.TestKit;

namespace Orchestrator.Disputes.Tests;

public sealed class TraceEvidenceFileTests
{
    private static readonly TraceEvidence[] Entries =
    [
        new(3, 1, [Some.Digest(1), Some.Digest(2)], [Some.Digest(3)], new(ElementType.Float32, [1, 2, 3], Some.Bytes(24))),
        new(9, 0, [Some.Digest(4)], [], new(ElementType.Int64, [0], ReadOnlyMemory<byte>.Empty)),
        new(10, 0, [Some.Digest(4)], [], new(ElementType.Bool, [], new byte[] { 1 })),
    ];

    [Fact]
    public void What_is_written_is_read()
    {
        var read = TraceEvidenceFile.Read(Bytes());
        read.Count.ShouldBe(3);
        foreach (var (written, back) in Entries.Zip(read))
        {
            (back.Step, back.Output, back.Tensor.Type).ShouldBe((written.Step, written.Output, written.Tensor.Type));
            back.Digests.ShouldBe(written.Digests);
            back.Path.ShouldBe(written.Path);
            back.Tensor.Shape.ShouldBe(written.Tensor.Shape);
            back.Tensor.Bytes.ToArray().ShouldBe(written.Tensor.Bytes.ToArray());
        }
    }

    /// <summary>Whatever the bytes, reading gives entries or an <see cref="InvalidDataException"/>.</summary>
    [Fact]
    public void Damaged_files_are_refused_and_never_throw_anything_else()
    {
        byte[] bytes = Bytes();
        Gen.Select(Gen.Int[0, bytes.Length - 1], Gen.Byte, Gen.Int[0, 2]).Sample((at, value, kind) =>
        {
            byte[] damaged = kind switch
            {
                0 => bytes[..at],
                1 => [.. bytes, value],
                _ => [.. bytes[..at], value, .. bytes[(at + 1)..]],
            };
            try
            {
                TraceEvidenceFile.Read(damaged);
                kind.ShouldBe(2, "a cut or longer file was read");
            }
            catch (InvalidDataException)
            {
            }
        }, iter: 5000);
    }

    private static byte[] Bytes()
    {
        using var file = new MemoryStream();
        TraceEvidenceFile.Write(file, Entries);
        return file.ToArray();
    }
}
