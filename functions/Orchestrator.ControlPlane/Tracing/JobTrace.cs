using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Dispatch;

namespace Orchestrator.ControlPlane.Tracing;

/// <summary>
/// Puts together what the nodes of a chain say of their time: each of the edge's trips with the passes of the same choice and position. Clocks are never
/// compared, only durations: what of a trip no stage accounts for is the network's. Pure.
/// </summary>
public static class JobTrace
{
    /// <summary>Passes shown of a chain.</summary>
    public const int MostPasses = 4096;

    private const long LongestMicroseconds = 86_400_000_000;

    /// <summary>One chain's trace.</summary>
    /// <param name="chain">The chain.</param>
    /// <param name="told">What its nodes told, in any order; of an untrusted node each.</param>
    /// <param name="missing">Why others told nothing.</param>
    /// <param name="jobMicroseconds">How long the whole job took.</param>
    public static ChainTraceView Of(DispatchedChain chain, IReadOnlyList<(NodeId Node, NodeTimings Timings)> told, IReadOnlyList<string> missing, long jobMicroseconds)
    {
        var edge = told.FirstOrDefault(t => t.Node == chain.Edge.Node).Timings?.Edge;
        var stages = Enumerable.Range(0, chain.Stages.Count).Select(stage => Passes(chain, stage, told)).ToList();
        var passes = new List<PassTraceView>();
        // By choice: when the answer before came. A pass that was sent before it did not wait for it.
        var answered = new Dictionary<int, long>();
        foreach (var trip in (edge?.Trips ?? []).Where(IsSane))
        {
            var spent = stages.Select((byPosition, stage) => byPosition.TryGetValue((trip.Choice, trip.Position), out var p)
                ? new StageSpent(stage, p.Queue, p.Compute, p.Send, p.Commit)
                : null).OfType<StageSpent>().ToList();
            long gap = answered.TryGetValue(trip.Choice, out long before) && trip.At > before ? trip.At - before : 0;
            answered[trip.Choice] = trip.At + trip.Trip;
            long accounted = spent.Sum(s => s.Queue + s.Compute + s.Send);
            passes.Add(new PassTraceView(trip.Choice, trip.Position, trip.Drew, trip.At, trip.Trip, gap, Math.Max(0, trip.Trip - accounted), spent));
        }

        // The prompt's last pass draws the first token; passes after it are one token each.
        var firstDraws = passes.Where(p => p.Drew).GroupBy(p => p.Choice).ToDictionary(g => g.Key, g => g.Min(p => p.Position));
        var decode = passes.Where(p => firstDraws.TryGetValue(p.Choice, out int first) && p.Position > first).ToList();
        long total = Bounded(edge?.Total ?? 0);
        return new ChainTraceView(
            chain.Chain, chain.Attempt, [.. chain.Stages.Select(s => s.Node)], missing, Bounded(edge?.Open ?? 0), Bounded(edge?.FirstToken ?? 0), total, Math.Max(0, jobMicroseconds - total),
            Sums([.. passes.Except(decode)]), Sums(decode), Slowest(chain, decode.Count > 0 ? decode : passes), [.. passes.Take(MostPasses)]);
    }

    private static Dictionary<(int Choice, int Position), PassTiming> Passes(DispatchedChain chain, int stage, IReadOnlyList<(NodeId Node, NodeTimings Timings)> told)
    {
        var found = new Dictionary<(int, int), PassTiming>();
        var timings = told.FirstOrDefault(t => t.Node == chain.Stages[stage].Node).Timings;
        foreach (var pass in (timings?.Stages ?? []).Where(s => s?.Stage == stage).SelectMany(s => s.Passes ?? []).Where(IsSane))
            found.TryAdd((pass.Choice, pass.Position), pass);
        return found;
    }

    private static TraceSums Sums(IReadOnlyList<PassTraceView> passes) => new(
        passes.Count,
        passes.Sum(p => p.Trip),
        [.. passes.SelectMany(p => p.Stages).GroupBy(s => s.Stage).OrderBy(g => g.Key)
            .Select(g => new StageSpent(g.Key, g.Sum(s => s.Queue), g.Sum(s => s.Compute), g.Sum(s => s.Send), g.Sum(s => s.Commit)))],
        passes.Sum(p => p.Network),
        passes.Sum(p => p.Edge));

    private static string? Slowest(DispatchedChain chain, IReadOnlyList<PassTraceView> passes)
    {
        var sums = Sums(passes);
        long all = sums.Trip + sums.Edge;
        if (all == 0)
            return null;
        var causes = sums.Stages
            .SelectMany(s => new[] { ($"computing stage {s.Stage} on {chain.Stages[s.Stage].Node.Short}", s.Compute), ($"waiting for a turn at stage {s.Stage} on {chain.Stages[s.Stage].Node.Short}", s.Queue) })
            .Append(($"the network between {chain.Stages.Count} stages", sums.Network))
            .Append(("the edge between tokens", sums.Edge));
        var (what, most) = causes.MaxBy(c => c.Item2);
        return $"{what}: {(double)most / all:P0}";
    }

    private static bool IsSane(TripTiming? trip) =>
        trip is { Choice: >= 0 and < Assignment.MaxChoices, Position: >= 0, At: >= 0 and <= LongestMicroseconds, Trip: >= 0 and <= LongestMicroseconds };

    private static bool IsSane(PassTiming? pass) =>
        pass is not null && new[] { pass.Queue, pass.Compute, pass.Send, pass.Commit }.All(t => t is >= 0 and <= LongestMicroseconds);

    private static long Bounded(long microseconds) => Math.Clamp(microseconds, 0, LongestMicroseconds);
}
