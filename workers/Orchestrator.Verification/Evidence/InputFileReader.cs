using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>One pass as a stage received it.</summary>
/// <param name="Pass">Where it lies and what it draws.</param>
/// <param name="Chunk">The chunk it belongs to.</param>
/// <param name="Tokens">Token ids; empty unless this is stage 0.</param>
/// <param name="Received">Tensors of <see cref="ShardManifest.Receives"/>; empty on stage 0.</param>
public sealed record InputPass(ChunkPass Pass, Chunk Chunk, int[] Tokens, IReadOnlyList<Tensor> Received);

/// <summary>
/// Reads an <see cref="InputFile"/> pass by pass and hashes it on the way. Every length is known beforehand, so nothing a file says decides what is allocated.
/// Does not own the stream.
/// </summary>
public sealed class InputFileReader : IDisposable
{
    private readonly Stream file;
    private readonly IReadOnlyList<TensorSpec> specs;
    private readonly bool first;
    private readonly IEnumerator<(ChunkPass Pass, Chunk Chunk, bool Ends)> plan;
    private readonly BoundaryHash hash = new();
    private readonly List<Digest> leaves = [];

    /// <summary>Starts to read.</summary>
    /// <param name="file">The file; ends where the last pass does.</param>
    /// <param name="shard">The stage's shard.</param>
    /// <param name="promptTokens">Tokens of the prompt.</param>
    /// <param name="tokens">Tokens the stage ran.</param>
    /// <exception cref="InvalidDataException">It is not an input file of a version known here.</exception>
    /// <exception cref="ArgumentOutOfRangeException">Not 1 &lt;= <paramref name="promptTokens"/> &lt;= <paramref name="tokens"/>.</exception>
    public InputFileReader(Stream file, ShardManifest shard, int promptTokens, int tokens)
    {
        this.file = file;
        specs = InputFile.Expected(shard);
        first = shard.Stage == 0;
        plan = ChunkPlan.All(promptTokens, tokens)
            .SelectMany(c => ChunkPlan.Passes(c, promptTokens).Select(p => (p, c, p.Position + p.Tokens == c.Start + c.Tokens)))
            .GetEnumerator();
        byte[] magic = new byte[InputFile.Magic.Length];
        Fill(magic);
        if (!magic.AsSpan().SequenceEqual(InputFile.Magic))
            throw new InvalidDataException("It is not an input file of version 1.");
    }

    /// <summary>Input hashes of the chunks read to their end.</summary>
    public IReadOnlyList<Digest> Leaves => leaves;

    /// <summary>The next pass; null after the last.</summary>
    /// <exception cref="InvalidDataException">The file is not what plan and manifest say.</exception>
    public InputPass? Read()
    {
        if (!plan.MoveNext())
            return file.ReadByte() < 0 ? null : throw new InvalidDataException("It goes on after its last pass.");
        var (pass, chunk, ends) = plan.Current;
        Span<byte> header = stackalloc byte[InputFile.PassHeader];
        Fill(header);
        if (Int(header) != pass.Position || Int(header[4..]) != pass.Tokens || Int(header[8..]) != specs.Count)
            throw new InvalidDataException($"The pass at {pass.Position} is not the {pass.Tokens} tokens with {specs.Count} tensors that follow there.");
        var tensors = new Tensor[specs.Count];
        for (int i = 0; i < tensors.Length; i++)
            tensors[i] = ReadTensor(specs[i], pass);
        hash.AppendPass(pass.Position, pass.Tokens, tensors);
        if (ends)
            leaves.Add(hash.Finish());
        return new InputPass(pass, chunk, first ? Ids(tensors[0], pass) : [], first ? [] : tensors);
    }

    /// <inheritdoc />
    public void Dispose()
    {
        plan.Dispose();
        hash.Dispose();
    }

    private static int Int(ReadOnlySpan<byte> bytes) => BinaryPrimitives.ReadInt32LittleEndian(bytes);

    private static int[] Ids(Tensor tensor, ChunkPass pass)
    {
        var ids = MemoryMarshal.Cast<byte, long>(tensor.Bytes.Span);
        int[] tokens = new int[ids.Length];
        for (int i = 0; i < tokens.Length; i++)
            tokens[i] = ids[i] is >= 0 and <= int.MaxValue ? (int)ids[i] : throw new InvalidDataException($"Position {pass.Position + i} has the impossible token {ids[i]}.");
        return tokens;
    }

    private Tensor ReadTensor(TensorSpec spec, ChunkPass pass)
    {
        long length = InputFile.TensorBytes(spec, pass);
        Span<byte> header = stackalloc byte[InputFile.TensorHeader];
        Fill(header);
        if (Int(header) != (int)spec.ElementType || BinaryPrimitives.ReadInt64LittleEndian(header[4..]) != length)
            throw new InvalidDataException($"A tensor of the pass at {pass.Position} is not the {length} bytes of {spec.ElementType} that follow there.");
        byte[] bytes = new byte[length];
        Fill(bytes);
        return new Tensor(spec.ElementType, [.. spec.Shape.Select(axis => TensorSizes.Resolve(axis, 1, pass.Tokens, (long)pass.Position + pass.Tokens))], bytes);
    }

    private void Fill(Span<byte> bytes)
    {
        if (file.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
            throw new InvalidDataException("It ends inside a pass.");
    }
}
