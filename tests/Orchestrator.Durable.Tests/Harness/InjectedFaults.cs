using Orchestrator.Durable.Engine;

namespace Orchestrator.Durable.Tests.Harness;

/// <summary>Every delivery comes twice.</summary>
sealed class Duplicates : Faults
{
    public override int Copies() => 2;
}

/// <summary>Seeded crashes and duplicates, with an end to the crashes so that every run finishes.</summary>
sealed class RandomFaults(int seed, double crash, double duplicate, int maxCrashes = 25) : Faults
{
    readonly Random _random = new(seed);
    int _crashes;

    public int Crashed => _crashes;

    public override bool Crashes(CrashPoint point)
    {
        lock (_random)
        {
            return _crashes < maxCrashes && _random.NextDouble() < crash && ++_crashes > 0;
        }
    }

    public override int Copies()
    {
        lock (_random)
        {
            return _random.NextDouble() < duplicate ? 2 : 1;
        }
    }
}

/// <summary>Dies the nth time a point is passed, once.</summary>
sealed class CrashAt(CrashPoint point, int nth) : Faults
{
    int _passed;

    public bool Happened => Volatile.Read(ref _passed) >= nth;

    public override bool Crashes(CrashPoint at) => at == point && Interlocked.Increment(ref _passed) == nth;
}
