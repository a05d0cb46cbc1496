namespace Orchestrator.Trainer;

/// <summary>SplitMix64 (Steele, Lea and Flood, OOPSLA 2014): a small seeded generator whose sequence never changes with the runtime.</summary>
public sealed class SplitMix(ulong seed)
{
    private ulong state = seed;

    /// <summary>Everything needed to go on from here.</summary>
    public ulong State
    {
        get => state;
        set => state = value;
    }

    public ulong Next()
    {
        state += 0x9E3779B97F4A7C15;
        var z = state;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>A number in [0, <paramref name="bound"/>); <paramref name="bound"/> is positive.</summary>
    public int Next(int bound) => (int)(((Next() >> 32) * (ulong)bound) >> 32);

    /// <summary>A number in [<paramref name="low"/>, <paramref name="high"/>].</summary>
    public int Between(int low, int high) => low + Next(high - low + 1);

    /// <summary>True <paramref name="percent"/> times in a hundred.</summary>
    public bool Chance(int percent) => Next(100) < percent;

    public T Pick<T>(IReadOnlyList<T> items) => items[Next(items.Count)];

    /// <summary>A number in [-1, 1), exact in 24 bits.</summary>
    public float NextSigned() => ((int)(Next() >> 40) - (1 << 23)) * (1f / (1 << 23));

    public void Shuffle<T>(IList<T> items)
    {
        for (var i = items.Count - 1; i > 0; i--)
        {
            var j = Next(i + 1);
            (items[i], items[j]) = (items[j], items[i]);
        }
    }
}
