using System.Text;

namespace Orchestrator.Trainer.Corpus;

/// <summary>Decides by a hash of the operands, so the same operands are on the same side in every phrasing and every run.</summary>
public static class Fence
{
    /// <summary>One in eight operands is held out.</summary>
    private const ulong HeldOutOf = 8;

    public static Split Of(string kind, string operands)
    {
        var hash = 0xCBF29CE484222325UL; // FNV-1a
        foreach (var b in Encoding.UTF8.GetBytes($"{kind}|{operands}"))
            hash = (hash ^ b) * 0x100000001B3;
        return new SplitMix(hash).Next() % HeldOutOf == 0 ? Split.HeldOut : Split.Train;
    }

    /// <summary>Draws until the operands lie on the wanted side.</summary>
    public static T Draw<T>(string kind, Split split, Func<T> draw, Func<T, string> key)
    {
        while (true)
        {
            var operands = draw();
            if (Of(kind, key(operands)) == split)
                return operands;
        }
    }
}
