namespace Orchestrator.TestKit;

/// <summary>
/// The "network": 64-bit mixing. A layer folds the hidden value of a token with those of all tokens before it, so order, position,
/// a missing cache entry or a foreign one all change everything after. How a prompt is cut into passes changes nothing.
/// </summary>
internal static class FakeArithmetic
{
    internal static long Embed(int token, ulong seed) => (long)Mix(seed + (ulong)token);

    internal static long Layer(int layer, int position, long hidden, long cached) =>
        (long)Mix((ulong)hidden + Mix((ulong)cached + (ulong)position) + (ulong)layer);

    internal static float Logit(long hidden, int tokenHere, int token) =>
        (Mix((ulong)hidden + Mix((ulong)tokenHere * 65_537 + (ulong)token)) >> 40) * (8f / (1 << 24));

    /// <summary>The finalizer of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).</summary>
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }
}
