using System.Collections.Concurrent;

namespace Orchestrator.Sidecar.Faults;

/// <summary>
/// Decides faults. The n-th decision of a kind in a scope depends on seed, kind, scope and n only: the same seed gives
/// the same decisions as far as the order of calls within a scope is the same.
/// </summary>
internal sealed class FaultPlan(int seed, FaultOptions options)
{
    private readonly ConcurrentDictionary<(FaultKind, string), StrongBox> _counters = new();
    private readonly long[] _struck = new long[Enum.GetValues<FaultKind>().Length];
    private volatile FaultOptions _options = options;

    public FaultOptions Options
    {
        get => _options;
        set => _options = value;
    }

    /// <summary>True when the fault is to happen now. Scopes are few: an app-id, a topic, an actor type.</summary>
    public bool Strikes(FaultKind kind, string scope)
    {
        var probability = Probability(kind);
        if (probability <= 0 || Draw(kind, scope) >= probability)
        {
            return false;
        }
        Interlocked.Increment(ref _struck[(int)kind]);
        return true;
    }

    /// <summary>How often a fault was decided upon.</summary>
    public long Struck(FaultKind kind) => Interlocked.Read(ref _struck[(int)kind]);

    /// <summary>A uniform number in [0, 1).</summary>
    public double Draw(FaultKind kind, string scope)
    {
        var n = Interlocked.Increment(ref _counters.GetOrAdd((kind, scope), static _ => new StrongBox()).Value);
        return Uniform(seed, kind, scope, n);
    }

    internal static double Uniform(int seed, FaultKind kind, string scope, long n)
    {
        var hash = 14695981039346656037UL;
        foreach (var c in scope)
        {
            hash = (hash ^ c) * 1099511628211UL;
        }
        return (Mix(Mix(Mix(hash ^ (uint)seed) + (ulong)kind) + (ulong)n) >> 11) * (1.0 / (1UL << 53));
    }

    private double Probability(FaultKind kind) => kind switch
    {
        FaultKind.Duplicate => _options.Duplicate,
        FaultKind.LostAck => _options.LostAck,
        FaultKind.Delay => _options.Delay,
        FaultKind.Reorder => _options.Reorder,
        FaultKind.PublishFailure => _options.PublishFailure,
        FaultKind.ETagConflict => _options.ETagConflict,
        FaultKind.Rebalance => _options.Rebalance,
        FaultKind.Unavailable => _options.Unavailable,
        _ => 0,
    };

    // SplitMix64 finalizer (Steele, Lea, Flood 2014).
    private static ulong Mix(ulong z)
    {
        z += 0x9E3779B97F4A7C15;
        z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9;
        z = (z ^ (z >> 27)) * 0x94D049BB133111EB;
        return z ^ (z >> 31);
    }

    private sealed class StrongBox
    {
        public long Value;
    }
}
