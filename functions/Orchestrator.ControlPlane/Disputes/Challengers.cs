using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Accounts;
using Orchestrator.ControlPlane.Http;
using Orchestrator.ControlPlane.Stake;
using Orchestrator.Core.Nodes;

namespace Orchestrator.ControlPlane.Disputes;

/// <summary>Who may challenge, and so look: the account that operates a node with a bonded stake, under that node's name.</summary>
public sealed class Challengers(IActorProxyFactory actors, StakeDesk stakes)
{
    /// <summary>The node that a caller speaks for.</summary>
    /// <param name="caller">Who calls.</param>
    /// <param name="node">The node's id, as it was given.</param>
    /// <exception cref="ApiException">There is no such node, it is another account's, or it has nothing at stake.</exception>
    public async Task<NodeState> FindAsync(Caller caller, string? node)
    {
        if (!NodeId.TryParse(node, out var id) || await actors.Node(id).GetAsync() is not { } state)
            throw ApiErrors.BadParameter("node", "'node' must be the id of the registered node that answers for the challenge.", "unknown_node");
        if (state.Record.Host != caller.Account && caller.Role != Role.Admin)
            throw ApiErrors.Forbidden($"Only account {state.Record.Host}, which operates the node, may challenge with it.");
        return (await stakes.GetAsync(id)).Book is { MayWork: true, Bonded: > 0 }
            ? state
            : throw ApiErrors.Forbidden("Only a node with a bonded stake that is not jailed may challenge. Bond some: POST /api/nodes/{id}/stake/bond.");
    }
}
