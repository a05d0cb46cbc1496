using Dapr.Actors.Runtime;
using Orchestrator.Actors.Documents;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;

namespace Orchestrator.Actors.Nodes;

/// <summary>Hosts a <see cref="NodeDocument"/>.</summary>
internal sealed class NodeActor(ActorHost host, TimeProvider time) : DocumentActor<NodeDocument>(host), INodeActor
{
    public async Task<NodeState> RegisterAsync(NodeRecord record)
    {
        CheckOwn(record.Node);
        var before = await Read();
        var after = NodeDocument.Register(before, record, time.GetUtcNow());
        await Write(before, after);
        return after.State;
    }

    public async Task<NodeState?> HeartbeatAsync(NodeHeartbeat heartbeat, DateTimeOffset receivedAt)
    {
        CheckOwn(heartbeat.Node);
        return await ChangeAsync(d => d.Take(heartbeat, receivedAt));
    }

    // A node that was forgotten has no statistic; its host is paid all the same.
    public Task RecordEarningAsync(NodeEarning earning) => ChangeAsync(d => d.Take(earning, time.GetUtcNow()));

    public Task<NodeState?> StandAsync(NodeStanding standing) => ChangeAsync(d => d.Stand(standing));

    public Task<NodeState?> ProveDoorAsync(DateTimeOffset at) => ChangeAsync(d => d.ProveDoor(at));

    public Task<NodeState?> DialledAsync(NodeDial dial) => ChangeAsync(d => d.Dialled(dial));

    public Task<NodeState?> OweAsync(DateTimeOffset until) => ChangeAsync(d => d.Owe(until));

    public async Task<bool> ForgetAsync(DateTimeOffset silentSince)
    {
        var document = await Read();
        if (document?.IsForgettable(silentSince) == true)
            await Remove();
        return document is null || document.IsForgettable(silentSince);
    }

    public async Task<NodeState?> GetAsync() => (await Read())?.State;

    private async Task<NodeState?> ChangeAsync(Func<NodeDocument, NodeDocument> change)
    {
        if (await Read() is not { } before)
            return null;
        var after = change(before);
        await Write(before, after);
        return after.State;
    }

    private void CheckOwn(NodeId node)
    {
        if (node.Value != Id.GetId())
            throw new ArgumentException($"A message of node {node} was sent to the actor of node {Id}.", nameof(node));
    }
}
