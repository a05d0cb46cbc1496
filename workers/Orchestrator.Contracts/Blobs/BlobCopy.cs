using System.Buffers;

namespace Orchestrator.Contracts;

/// <summary>What every blob store does alike.</summary>
public static class BlobCopy
{
    private const int BufferBytes = 1 << 17;

    /// <summary>Copies a stream up to a limit; how many bytes that were.</summary>
    /// <exception cref="InvalidDataException">There are more.</exception>
    public static async Task<long> CopyAsync(Stream from, Stream to, long maxBytes, CancellationToken cancel)
    {
        byte[] buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            long total = 0;
            while (await from.ReadAsync(buffer, cancel) is var read and > 0)
            {
                total += read;
                if (total > maxBytes)
                    throw TooLarge(maxBytes);
                await to.WriteAsync(buffer.AsMemory(0, read), cancel);
            }

            return total;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>The bytes are more than the store takes.</summary>
    public static InvalidDataException TooLarge(long maxBytes) => new($"The blob is larger than {maxBytes} bytes.");

    /// <summary>The bytes are not the ones announced.</summary>
    public static InvalidDataException Mismatch(Digest expected, Digest actual) => new($"The bytes have the digest {actual}, not {expected}.");
}
