using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.Core.Reputation;
using Orchestrator.Durable;

namespace Orchestrator.ControlPlane.Stake;

/// <summary>Counts what a job or an audit showed of nodes. Each observation counts once by its own id.</summary>
public sealed class ObserveActivity(StakeDesk desk) : IActivity<ObserveRequest, bool>
{
    /// <summary>Registered name.</summary>
    public const string Name = "observe";

    /// <inheritdoc />
    public async Task<bool> RunAsync(ActivityContext context, ObserveRequest input)
    {
        await Task.WhenAll(input.Nodes.Select(n => desk.ObserveAsync(n.Node, n.Seen, n.Audit)));
        return true;
    }
}

/// <summary>What was seen of several nodes.</summary>
public sealed record ObserveRequest(IReadOnlyList<NodeObservations> Nodes);

/// <summary>What was seen of a node.</summary>
/// <param name="Node">Which node.</param>
/// <param name="Seen">Observations, each with an id of its own.</param>
/// <param name="Audit">An audit of the node to list beside; null for none.</param>
public sealed record NodeObservations(NodeId Node, IReadOnlyList<Observation> Seen, AuditLine? Audit = null);
