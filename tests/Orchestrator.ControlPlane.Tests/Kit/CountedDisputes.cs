using System.Collections.Concurrent;
using System.Diagnostics.Metrics;

namespace Orchestrator.ControlPlane.Tests.Kit;

/// <summary>What one platform's counter of disputes was told.</summary>
internal sealed class CountedDisputes : IDisposable
{
    private readonly MeterListener listener = new();
    private readonly ConcurrentQueue<(string Outcome, string Ground, long Count)> seen = [];

    public CountedDisputes(IMeterFactory platform)
    {
        listener.InstrumentPublished = (instrument, all) =>
        {
            if (instrument.Meter.Scope == platform && instrument.Name == "orchestrator.disputes")
                all.EnableMeasurementEvents(instrument);
        };
        listener.SetMeasurementEventCallback<long>((_, count, tags, _) => seen.Enqueue(($"{Tag(tags, "outcome")}", $"{Tag(tags, "ground")}", count)));
        listener.Start();
    }

    public IReadOnlyList<(string Outcome, string Ground, long Count)> Seen => [.. seen];

    public void Dispose() => listener.Dispose();

    private static object? Tag(ReadOnlySpan<KeyValuePair<string, object?>> tags, string name)
    {
        foreach (var (key, value) in tags)
        {
            if (key == name)
                return value;
        }

        return null;
    }
}
