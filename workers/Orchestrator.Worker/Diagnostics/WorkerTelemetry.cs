using System.Diagnostics;
using System.Diagnostics.Metrics;
using Orchestrator.Contracts;
using Orchestrator.Relay.Paths;

namespace Orchestrator.Worker.Diagnostics;

/// <summary>
/// Meters and spans of a node, all under <see cref="Name"/>; free while nobody listens. Spans: <c>edge</c> for a driven chain, under the request whose
/// context came in the assignment; <c>stage</c> for a session at a stage, under its edge, whose context came in the open frame; <c>pass</c> for each pass
/// of a stage; <c>link</c> for the dial of a link; <c>result</c> for handing a chain's result to the platform, under the request too. No span or tag holds text of prompts or answers.
/// </summary>
public static class WorkerTelemetry
{
    /// <summary>Name of the meter and of the activity source.</summary>
    public const string Name = "Orchestrator.Worker";

    /// <summary>The spans.</summary>
    public static readonly ActivitySource Spans = new(Name);

    // A pass takes 1 ms on the bundled model and may take seconds for a long prompt on a large one.
    private static readonly InstrumentAdvice<double> Short =
        new() { HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10] };

    private static readonly Meter Meter = new(Name);
    private static readonly Histogram<double> PassSeconds = Meter.CreateHistogram("orchestrator.pass.duration", "s", "Time in the runtime, by kind of pass.", advice: Short);
    private static readonly Histogram<double> WaitSeconds = Meter.CreateHistogram("orchestrator.pass.wait", "s", "From the frame to the runtime, by kind of pass.", advice: Short);
    private static readonly Counter<long> PassTokens = Meter.CreateCounter<long>("orchestrator.pass.tokens", "{token}", "Tokens run, by kind of pass.");
    private static readonly UpDownCounter<int> OpenSessions = Meter.CreateUpDownCounter<int>("orchestrator.sessions", "{session}", "Sessions at a stage of this node.");
    private static readonly Counter<long> Chains = Meter.CreateCounter<long>("orchestrator.chains", "{chain}", "Chains driven from this node by how they ended.");
    private static readonly UpDownCounter<int> OpenLinks = Meter.CreateUpDownCounter<int>("orchestrator.links", "{link}", "Links that are up, by path: direct or through a relay.");
    private static readonly Counter<long> SentBytes = Meter.CreateCounter<long>("orchestrator.link.sent", "By", "Bytes of frames sent to peers.");
    private static readonly KeyValuePair<string, object?> Prefill = new("kind", "prefill");
    private static readonly KeyValuePair<string, object?> Decode = new("kind", "decode");
    private static readonly KeyValuePair<string, object?> DirectPath = new("path", "direct");
    private static readonly KeyValuePair<string, object?> RelayPath = new("path", "relay");

    internal static void SessionOpened() => OpenSessions.Add(1);

    internal static void SessionEnded() => OpenSessions.Add(-1);

    internal static void LinkUp(LinkPath path) => OpenLinks.Add(1, Tag(path));

    internal static void LinkDown(LinkPath path) => OpenLinks.Add(-1, Tag(path));

    private static KeyValuePair<string, object?> Tag(LinkPath path) => path == LinkPath.Direct ? DirectPath : RelayPath;

    internal static void Sent(int bytes) => SentBytes.Add(bytes);

    internal static void ChainEnded(ChainFailure? failure) => Chains.Add(1, new KeyValuePair<string, object?>("outcome", failure?.Code ?? "answered"));

    /// <summary>Notes a pass that is over; called when its output is on its way.</summary>
    internal static void Passed(Activity? session, int tokens, int position, TimeSpan wait, TimeSpan run)
    {
        var kind = tokens == 1 ? Decode : Prefill;
        WaitSeconds.Record(wait.TotalSeconds, kind);
        PassSeconds.Record(run.TotalSeconds, kind);
        PassTokens.Add(tokens, kind);
        if (session is null || !Spans.HasListeners())
            return;
        // The token was not made to wait for its span: it is written down afterwards.
        var now = TimeProvider.System.GetUtcNow();
        using var pass = Spans.StartActivity("pass", ActivityKind.Internal, session.Context, [new("position", position), new("tokens", tokens)], startTime: now - run);
        pass?.SetEndTime(now.UtcDateTime);
    }
}
