using System.Runtime.InteropServices;
using Orchestrator.Contracts;
using Orchestrator.Drill.Network;

namespace Orchestrator.Drill.Cheats;

/// <summary>Commits to the right activations and sends others.</summary>
public sealed class AlteredLink : Conduct
{
    /// <inheritdoc />
    public override IReadOnlyList<Tensor> Send(StageWork work, ChunkPass pass, IReadOnlyList<Tensor> outputs)
    {
        work.Cheat();
        return [.. outputs.Select(Nudge)];
    }

    private static Tensor Nudge(Tensor tensor)
    {
        byte[] bytes = tensor.Bytes.ToArray();
        var values = MemoryMarshal.Cast<byte, float>(bytes.AsSpan());
        for (int i = 0; i < values.Length; i += 16)
            values[i] *= 1.01f;
        return tensor with { Bytes = bytes };
    }
}
