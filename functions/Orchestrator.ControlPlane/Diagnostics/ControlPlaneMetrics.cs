using System.Diagnostics;
using System.Diagnostics.Metrics;
using System.Text.Json;
using Orchestrator.Core.Disputes;
using Orchestrator.Core.Ledger;

namespace Orchestrator.ControlPlane.Diagnostics;

/// <summary>Meters and spans of the control plane, all under <see cref="Name"/>.</summary>
public sealed class ControlPlaneMetrics : IDisposable
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Orchestrator.ControlPlane";

    /// <summary>Spans: one per inference request; its traceparent travels in the assignments.</summary>
    public static readonly ActivitySource Spans = new(Name);

    // From a cached answer to a long prompt over several continents.
    private static readonly InstrumentAdvice<double> Waits =
        new() { HistogramBucketBoundaries = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.35, 0.5, 0.75, 1, 2.5, 5, 10, 30, 120] };

    private readonly Meter meter;
    private readonly Counter<long> requests;
    private readonly Histogram<double> requestSeconds;
    private readonly Histogram<double> dispatchSeconds;
    private readonly Histogram<double> firstTokenSeconds;
    private readonly Histogram<double> tokenSeconds;
    private readonly Counter<long> tokens;
    private readonly Counter<long> jobs;
    private readonly Counter<long> failovers;
    private readonly Counter<long> dropped;
    private readonly Counter<long> charged;
    private readonly Counter<long> audits;
    private readonly Counter<long> disputes;
    private readonly Counter<long> doors;
    private readonly Counter<long> dials;
    private readonly Counter<long> slashes;
    private readonly Counter<long> slashed;
    private readonly Counter<long> corrupt;
    private readonly Gauge<long> difference;
    private readonly Gauge<long> suspense;

    /// <summary>Makes the instruments.</summary>
    public ControlPlaneMetrics(IMeterFactory factory)
    {
        meter = factory.Create(Name);
        requests = meter.CreateCounter<long>("orchestrator.http.requests", "{request}", "Requests by route and status.");
        requestSeconds = meter.CreateHistogram("orchestrator.http.duration", "s", "Time to answer by route.", advice: Waits);
        dispatchSeconds = meter.CreateHistogram("orchestrator.dispatch.duration", "s", "From the request to published assignments.", advice: Waits);
        firstTokenSeconds = meter.CreateHistogram("orchestrator.first_token.duration", "s", "From the request to the first token relayed.", advice: Waits);
        tokenSeconds = meter.CreateHistogram("orchestrator.token.duration", "s", "Time per output token after the first.", advice: Waits);
        tokens = meter.CreateCounter<long>("orchestrator.tokens", "{token}", "Tokens relayed.");
        jobs = meter.CreateCounter<long>("orchestrator.jobs", "{job}", "Requests for inference by how they ended.");
        failovers = meter.CreateCounter<long>("orchestrator.stream.failovers", "{stream}", "Chains whose stream was given up.");
        dropped = meter.CreateCounter<long>("orchestrator.messages.dropped", "{message}", "Messages from nodes that were refused, by topic and reason.");
        charged = meter.CreateCounter<long>("orchestrator.charged", "{micro-credit}", "Sum of charges, by the assurance that was paid for.");
        audits = meter.CreateCounter<long>("orchestrator.audits", "{report}", "Reports of auditors compared, by finding.");
        disputes = meter.CreateCounter<long>("orchestrator.disputes", "{dispute}", "Disputes decided, by outcome and by what decided them.");
        doors = meter.CreateCounter<long>("orchestrator.doors", "{check}", "Nodes asked to show that they reach the door for answers to demands, and those that did, by outcome.");
        dials = meter.CreateCounter<long>("orchestrator.dials", "{dial}", "Attempts to reach nodes at their stream endpoints, by outcome.");
        slashes = meter.CreateCounter<long>("orchestrator.slashes", "{fault}", "Proven faults that were slashed, by kind.");
        slashed = meter.CreateCounter<long>("orchestrator.slashed", "{micro-credit}", "Stake taken for proven faults, by kind.");
        corrupt = meter.CreateCounter<long>("orchestrator.blobs.corrupt", "{download}", "Downloads of blobs that the store holds with other bytes than their name says.");
        difference = meter.CreateGauge<long>("orchestrator.ledger.difference", "{micro-credit}", "What the last trial balance could not account for: above 0 made, below 0 lost.");
        suspense = meter.CreateGauge<long>("orchestrator.ledger.suspense", "{micro-credit}", "Payouts that came too late and wait for a person.");
    }

    internal void Request(string route, int status, TimeSpan duration)
    {
        requests.Add(1, new("route", route), new("status", status));
        requestSeconds.Record(duration.TotalSeconds, new KeyValuePair<string, object?>("route", route));
    }

    internal void CorruptBlob() => corrupt.Add(1);

    internal void Dispatched(TimeSpan duration) => dispatchSeconds.Record(duration.TotalSeconds);

    internal void FirstToken(TimeSpan duration) => firstTokenSeconds.Record(duration.TotalSeconds);

    /// <summary>A token was relayed.</summary>
    /// <param name="duration">Since the one before; null for the first.</param>
    internal void Token(TimeSpan? duration)
    {
        tokens.Add(1);
        if (duration is { } since)
            tokenSeconds.Record(since.TotalSeconds);
    }

    internal void JobEnded(string how) => jobs.Add(1, new KeyValuePair<string, object?>("outcome", how));

    internal void Failover() => failovers.Add(1);

    internal void Dropped(string topic, string reason) => dropped.Add(1, new("topic", topic), new("reason", reason));

    internal void Charged(long amount, string assurance) => charged.Add(amount, new KeyValuePair<string, object?>("assurance", assurance));

    internal void Audited(string finding) => audits.Add(1, new KeyValuePair<string, object?>("finding", finding));

    internal void Disputed(DisputeVerdict verdict) => disputes.Add(1, new("outcome", Word(verdict.Outcome)), new("ground", Word(verdict.Ground)));

    internal void Door(string outcome) => doors.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    internal void Dialled(string outcome) => dials.Add(1, new KeyValuePair<string, object?>("outcome", outcome));

    internal void Slashed(string fault, long amount)
    {
        slashes.Add(1, new KeyValuePair<string, object?>("fault", fault));
        slashed.Add(amount, new KeyValuePair<string, object?>("fault", fault));
    }

    /// <summary>A trial balance was drawn. What moved too fast to be counted is no difference yet.</summary>
    internal void Balanced(TrialBalance balance)
    {
        difference.Record(balance.Uncounted.Count == 0 ? balance.Difference : 0);
        suspense.Record(balance.Suspense.Sum(s => s.Entry.Amount));
    }

    private static string Word<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.SnakeCaseLower.ConvertName(value.ToString());

    /// <inheritdoc />
    public void Dispose() => meter.Dispose();
}
