using System.Buffers.Binary;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Orchestrator.Relay.Wire;

/// <summary>
/// Messages before, or instead of, the ends' bytes: two bytes of length, big-endian, and JSON. Reads take exactly one frame, so what follows it stays in
/// the stream.
/// </summary>
internal static class RelayFrames
{
    /// <summary>Most bytes of a message; a hello has about 700.</summary>
    public const int MaxLength = 4096;

    /// <summary>Writes a message as one write.</summary>
    public static async Task WriteAsync<T>(Stream stream, T message, JsonTypeInfo<T> json, CancellationToken cancel)
    {
        byte[] body = JsonSerializer.SerializeToUtf8Bytes(message, json);
        byte[] frame = new byte[body.Length + 2];
        BinaryPrimitives.WriteUInt16BigEndian(frame, checked((ushort)body.Length));
        body.CopyTo(frame, 2);
        await stream.WriteAsync(frame, cancel);
        await stream.FlushAsync(cancel);
    }

    /// <summary>Reads a message.</summary>
    /// <exception cref="EndOfStreamException">The stream ended.</exception>
    /// <exception cref="InvalidDataException">It is too long or no such message.</exception>
    public static async Task<T> ReadAsync<T>(Stream stream, JsonTypeInfo<T> json, CancellationToken cancel)
    {
        byte[] length = new byte[2];
        await stream.ReadExactlyAsync(length, cancel);
        int size = BinaryPrimitives.ReadUInt16BigEndian(length);
        if (size is 0 or > MaxLength)
            throw new InvalidDataException($"A relay message has 1 to {MaxLength} bytes, not {size}.");
        byte[] body = new byte[size];
        await stream.ReadExactlyAsync(body, cancel);
        try
        {
            return JsonSerializer.Deserialize(body, json) ?? throw new InvalidDataException("The message is null.");
        }
        catch (JsonException e)
        {
            throw new InvalidDataException($"The message is not a {typeof(T).Name}: {e.Message}", e);
        }
    }
}
