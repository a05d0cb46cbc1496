using System.Buffers.Binary;

namespace Orchestrator.Contracts.DataPlane;

/// <summary>How many passes of a session a stage has received and how many it has passed on or answered: two u32, little-endian.</summary>
public static class ProgressCodec
{
    /// <summary>Bytes of a progress.</summary>
    public const int Size = 8;

    /// <summary>Encodes a progress.</summary>
    public static byte[] Encode(StageProgress progress)
    {
        byte[] bytes = new byte[Size];
        BinaryPrimitives.WriteInt32LittleEndian(bytes, progress.Received);
        BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(4), progress.PassedOn);
        return bytes;
    }

    /// <summary>Decodes a progress; false when the bytes are none.</summary>
    public static bool TryDecode(ReadOnlySpan<byte> bytes, out StageProgress progress)
    {
        progress = default;
        if (bytes.Length != Size)
            return false;
        progress = new StageProgress(BinaryPrimitives.ReadInt32LittleEndian(bytes), BinaryPrimitives.ReadInt32LittleEndian(bytes[4..]));
        return progress is { Received: >= 0, PassedOn: >= 0 };
    }
}

/// <summary>Passes of one session at one stage.</summary>
/// <param name="Received">Passes that came in.</param>
/// <param name="PassedOn">Passes whose output was sent.</param>
public readonly record struct StageProgress(int Received, int PassedOn);
