using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Core.Availability;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Availability;

/// <summary>Draws the witnesses of a round among the live nodes of all models, and adds the platform's referees.</summary>
public sealed class PickWitnessesActivity(TopologyCache topology, ControlPlaneOptions options, TimeProvider time) : IActivity<WitnessOrder, IReadOnlyList<WitnessPick>>
{
    /// <summary>Registered name.</summary>
    public const string Name = "pick-witnesses";

    /// <inheritdoc />
    public async Task<IReadOnlyList<WitnessPick>> RunAsync(ActivityContext context, WitnessOrder input)
    {
        var now = time.GetUtcNow();
        var receipt = input.Demand.Receipt;
        var live = (await topology.ModelsAsync(context.CancellationToken)).Values.SelectMany(m => m.Nodes).DistinctBy(n => n.Record.Node)
            .Where(n => !options.Liveness.IsStale(n, now) && options.Standing.Bars(n.Standing, now) is null);
        var drawn = WitnessLottery.Draw(
            Convert.FromHexString(input.Signature), input.Round, live, receipt.Signer.Host, receipt.Chain.Stages.Select(s => s.Host).ToHashSet(), input.Demand.Rules.Availability.Witnesses);
        // The platform's own referee sees no less than others; it counts as one host.
        return [.. drawn.Select(n => new WitnessPick(n.Record.Node, n.Record.Host)), .. input.Demand.Rules.Referees.Take(1).Select(r => new WitnessPick(r, WitnessPick.Platform))];
    }
}

/// <summary>Witnesses to draw.</summary>
/// <param name="Demand">The demand.</param>
/// <param name="Round">0-based round.</param>
/// <param name="Signature">What draws.</param>
public sealed record WitnessOrder(DemandInput Demand, int Round, string Signature);

/// <summary>A witness.</summary>
/// <param name="Node">The node.</param>
/// <param name="Host">Its host.</param>
public sealed record WitnessPick(NodeId Node, string Host)
{
    /// <summary>Stands for the platform's own; no account has that name.</summary>
    public const string Platform = "(referee)";
}
