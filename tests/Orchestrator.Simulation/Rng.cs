namespace Orchestrator.Simulation;

/// <summary>SplitMix64 (Steele, Lea, Flood 2014): the same seed gives the same draws everywhere.</summary>
public sealed class Rng(ulong seed)
{
    private ulong state = seed;

    public ulong Next()
    {
        ulong z = state += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    /// <summary>Below the limit.</summary>
    public int Below(int limit) => (int)(Next() % (uint)limit);

    /// <summary>In [0, 1).</summary>
    public double Uniform() => (Next() >> 11) * (1.0 / (1UL << 53));

    public bool Chance(double probability) => Uniform() < probability;
}
