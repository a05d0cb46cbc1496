using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Orchestrator.Contracts;

namespace Orchestrator.Verification;

/// <summary>Writes an <see cref="InputFile"/> pass by pass; owns the stream.</summary>
public sealed class InputFileWriter : IDisposable
{
    private readonly Stream file;

    /// <summary>Starts a file.</summary>
    public InputFileWriter(Stream file)
    {
        this.file = file;
        file.Write(InputFile.Magic);
    }

    /// <summary>Adds a pass of token ids (stage 0).</summary>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void Append(int position, ReadOnlySpan<int> tokens)
    {
        Pass(position, tokens.Length, 1);
        long[] wide = ArrayPool<long>.Shared.Rent(tokens.Length);
        for (int i = 0; i < tokens.Length; i++)
            wide[i] = tokens[i];
        Tensor(ElementType.Int64, MemoryMarshal.AsBytes(wide.AsSpan(0, tokens.Length)));
        ArrayPool<long>.Shared.Return(wide);
    }

    /// <summary>Adds a pass of tensors.</summary>
    /// <exception cref="IOException">The stream cannot be written.</exception>
    public void Append(int position, int tokens, IReadOnlyList<Tensor> tensors)
    {
        Pass(position, tokens, tensors.Count);
        for (int i = 0; i < tensors.Count; i++)
            Tensor(tensors[i].Type, tensors[i].Bytes.Span);
    }

    /// <inheritdoc />
    public void Dispose() => file.Dispose();

    private void Pass(int position, int tokens, int tensors)
    {
        Span<byte> header = stackalloc byte[InputFile.PassHeader];
        BinaryPrimitives.WriteInt32LittleEndian(header, position);
        BinaryPrimitives.WriteInt32LittleEndian(header[4..], tokens);
        BinaryPrimitives.WriteInt32LittleEndian(header[8..], tensors);
        file.Write(header);
    }

    private void Tensor(ElementType type, ReadOnlySpan<byte> bytes)
    {
        Span<byte> header = stackalloc byte[InputFile.TensorHeader];
        BinaryPrimitives.WriteInt32LittleEndian(header, (int)type);
        BinaryPrimitives.WriteInt64LittleEndian(header[4..], bytes.Length);
        file.Write(header);
        file.Write(bytes);
    }
}
