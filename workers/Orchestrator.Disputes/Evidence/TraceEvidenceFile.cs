using System.Buffers.Binary;
using System.Text;
using Orchestrator.Contracts;
using Orchestrator.Verification;

namespace Orchestrator.Disputes.Evidence;

/// <summary>
/// A list of proven tensors as a file, integers little-endian: <c>"OTRE", version u32, entries u32</c>, then per entry
/// <c>step u32, output u32, digests u32, path u32, element type u32, axes u32, axis lengths i64 each, byte count u64</c>, the digests and
/// the path (32 bytes each), and the tensor's bytes. Nothing may follow.
/// </summary>
public static class TraceEvidenceFile
{
    /// <summary>Most entries.</summary>
    public const int MaxEntries = 16_384;

    private const int Version = 1;
    private const int MaxDigests = 4_096;
    private const int MaxRank = 16;

    private static ReadOnlySpan<byte> Magic => "OTRE"u8;

    /// <summary>Writes a file.</summary>
    public static void Write(Stream file, IReadOnlyList<TraceEvidence> entries)
    {
        using var writer = new BinaryWriter(file, Encoding.UTF8, leaveOpen: true);
        writer.Write(Magic);
        writer.Write(Version);
        writer.Write(entries.Count);
        byte[] digest = new byte[32];
        foreach (var entry in entries)
        {
            writer.Write(entry.Step);
            writer.Write(entry.Output);
            writer.Write(entry.Digests.Count);
            writer.Write(entry.Path.Count);
            writer.Write((int)entry.Tensor.Type);
            writer.Write(entry.Tensor.Shape.Length);
            foreach (long axis in entry.Tensor.Shape)
                writer.Write(axis);
            writer.Write((long)entry.Tensor.Bytes.Length);
            foreach (var item in entry.Digests.Concat(entry.Path))
            {
                item.CopyTo(digest);
                writer.Write(digest);
            }

            writer.Write(entry.Tensor.Bytes.Span);
        }
    }

    /// <summary>Reads a file that anyone may have written.</summary>
    /// <param name="bytes">The whole file.</param>
    /// <exception cref="InvalidDataException">The bytes are not such a file.</exception>
    public static IReadOnlyList<TraceEvidence> Read(ReadOnlyMemory<byte> bytes)
    {
        var reader = new Reader(bytes);
        if (!reader.Take(4).Span.SequenceEqual(Magic) || reader.Number() != Version)
            throw new InvalidDataException($"The trace evidence does not start as a file of version {Version}.");
        int count = reader.Number(MaxEntries);
        var entries = new List<TraceEvidence>();
        for (int i = 0; i < count; i++)
            entries.Add(Entry(reader));
        return reader.AtEnd ? entries : throw new InvalidDataException("The trace evidence has bytes after its last entry.");
    }

    private static TraceEvidence Entry(Reader reader)
    {
        int step = reader.Number((int)DisputeChecks.MaxTraceSteps), output = reader.Number(MaxDigests);
        int digests = reader.Number(MaxDigests), path = reader.Number(MerkleTree.LongestPath);
        var type = (ElementType)reader.Number();
        if (!Enum.IsDefined(type))
            throw new InvalidDataException($"The trace evidence has the unknown element type {(int)type}.");
        long[] shape = new long[reader.Number(MaxRank)];
        for (int axis = 0; axis < shape.Length; axis++)
            shape[axis] = reader.Long();
        long size = reader.Long();
        if (size != SizeOf(type, shape))
            throw new InvalidDataException("A tensor of the trace evidence has another size than its shape makes.");
        return new TraceEvidence(step, output, reader.Digests(digests), reader.Digests(path), new Tensor(type, shape, reader.Take(size)));
    }

    private static long SizeOf(ElementType type, long[] shape)
    {
        long size = TensorSizes.SizeOf(type);
        foreach (long axis in shape)
        {
            if (axis < 0 || (axis > 0 && size > DisputeChecks.MaxEvidenceBytes / axis))
                throw new InvalidDataException("A tensor of the trace evidence has an impossible shape.");
            size *= axis;
        }

        return size;
    }

    private sealed class Reader(ReadOnlyMemory<byte> bytes)
    {
        private int at;

        public bool AtEnd => at == bytes.Length;

        public ReadOnlyMemory<byte> Take(long count)
        {
            if (count < 0 || count > bytes.Length - at)
                throw new InvalidDataException("The trace evidence is cut short.");
            var taken = bytes.Slice(at, (int)count);
            at += (int)count;
            return taken;
        }

        public int Number(int most = int.MaxValue) => BinaryPrimitives.ReadInt32LittleEndian(Take(4).Span) is >= 0 and var value && value <= most
            ? value
            : throw new InvalidDataException($"A number of the trace evidence lies outside of 0..{most}.");

        public long Long() => BinaryPrimitives.ReadInt64LittleEndian(Take(8).Span);

        public IReadOnlyList<Digest> Digests(int count)
        {
            var all = Take(32L * count);
            return [.. Enumerable.Range(0, count).Select(i => Digest.FromHash(all.Span.Slice(32 * i, 32)))];
        }
    }
}
