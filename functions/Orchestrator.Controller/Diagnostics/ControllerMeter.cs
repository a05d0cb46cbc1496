using System.Diagnostics.Metrics;

namespace Orchestrator.Controller.Diagnostics;

/// <summary>Instruments of the controller, under one meter.</summary>
public static class ControllerMeter
{
    /// <summary>Name of the meter.</summary>
    public const string Name = "Orchestrator.Controller";

    private static readonly Meter Meter = new(Name);
    private static readonly Histogram<double> Reconciliations =
        Meter.CreateHistogram<double>("orchestrator.controller.reconcile.duration", "s", "Time that one reconciliation took, by result.");

    private static readonly Counter<long> Errors = Meter.CreateCounter<long>("orchestrator.controller.reconcile.errors", "{reconciliation}", "Failed reconciliations, by reason.");
    private static readonly Counter<long> Restarts = Meter.CreateCounter<long>("orchestrator.controller.watch.restarts", "{watch}", "Watches that ended, by kind and why.");
    private static readonly Counter<long> Writes = Meter.CreateCounter<long>("orchestrator.controller.writes", "{write}", "Objects written, by kind and verb.");
    private static readonly UpDownCounter<long> Leading = Meter.CreateUpDownCounter<long>("orchestrator.controller.leading", "{process}", "1 while this process leads.");
    private static Func<int> depth = () => 0;

    static ControllerMeter() => Meter.CreateObservableGauge("orchestrator.controller.queue.depth", () => depth(), "{model}", "Models that wait for a reconciliation.");

    /// <summary>Where the depth of the queue is read.</summary>
    public static void Observe(Func<int> queueDepth) => depth = queueDepth;

    /// <summary>This process began to lead, or ended.</summary>
    public static void Leads(bool now) => Leading.Add(now ? 1 : -1);

    /// <summary>A reconciliation ended.</summary>
    /// <param name="duration">How long it took.</param>
    /// <param name="error">Why it failed; null when it did not.</param>
    public static void Reconciled(TimeSpan duration, string? error)
    {
        Reconciliations.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("result", error is null ? "done" : "failed"));
        if (error is not null)
            Errors.Add(1, new KeyValuePair<string, object?>("reason", error));
    }

    /// <summary>A watch ended and starts again.</summary>
    public static void WatchRestarted(string kind, string reason) =>
        Restarts.Add(1, new("kind", kind), new("reason", reason));

    /// <summary>An object was written.</summary>
    public static void Wrote(string kind, string verb) => Writes.Add(1, new("kind", kind), new("verb", verb));
}
