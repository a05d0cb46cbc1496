using Dapr.Actors.Client;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Core.Reputation;
using Orchestrator.Core.Stake;

namespace Orchestrator.ControlPlane.Stake;

/// <summary>
/// Changes stake and reputation and lets planning know. Every call is idempotent by the id it carries; a call that fails half-way is completed by
/// repeating it, or by the stake actor's reminder.
/// </summary>
public sealed class StakeDesk(IActorProxyFactory actors, TopologyCache topology)
{
    /// <summary>Slashes for a proven fault, once per evidence id.</summary>
    public Task<StakeAnswer> SlashAsync(NodeId node, ProvenFault fault, CancellationToken cancel) => ChangeAsync(node, s => s.SlashAsync(fault), cancel);

    /// <summary>Moves bonded stake to unbonding.</summary>
    public Task<StakeAnswer> UnbondAsync(NodeId node, Unbond unbond, CancellationToken cancel) => ChangeAsync(node, s => s.UnbondAsync(unbond), cancel);

    /// <summary>Pays out what has been unbonding for long enough.</summary>
    public Task<StakeAnswer> WithdrawAsync(NodeId node, Withdraw withdraw, CancellationToken cancel) => ChangeAsync(node, s => s.WithdrawAsync(withdraw), cancel);

    /// <summary>Leaves the jail.</summary>
    public Task<StakeAnswer> ReleaseAsync(NodeId node, CancellationToken cancel) => ChangeAsync(node, s => s.ReleaseAsync(), cancel);

    /// <summary>Takes in a bond whose money has left its payer.</summary>
    public Task<StakeAnswer> BondAsync(NodeId node, Bond bond, CancellationToken cancel) => ChangeAsync(node, s => s.BondAsync(bond), cancel);

    /// <summary>Counts what was seen of a node, each once, and lists an audit.</summary>
    public async Task ObserveAsync(NodeId node, IReadOnlyList<Observation> seen, AuditLine? audit)
    {
        var stake = actors.Stake(node);
        if (audit is not null)
            await stake.ListAuditAsync(audit);
        if (seen.Count == 0)
            return;
        var standing = await stake.ObserveAsync(seen);
        // Good news is in no hurry: the stake actor's reminder passes it on within seconds, once for many jobs.
        if (seen.Any(o => o.Kind is ObservationKind.Wrong or ObservationKind.Absent))
            await actors.Node(node).StandAsync(standing);
    }

    /// <summary>Stake and reputation now.</summary>
    public Task<StakeState> GetAsync(NodeId node) => actors.Stake(node).GetAsync();

    private async Task<StakeAnswer> ChangeAsync(NodeId node, Func<IStakeActor, Task<StakeAnswer>> change, CancellationToken cancel)
    {
        var stake = actors.Stake(node);
        var answer = await change(stake);
        await stake.FlushAsync();
        if (await actors.Node(node).GetAsync() is not { } state)
            return answer;
        var models = (await topology.ModelsAsync(cancel)).Values.Where(m => m.Nodes.Any(n => n.Record.Node == node));
        await Task.WhenAll(models.Select(m => actors.Model(m.Publication.Manifest.Name).ReportNodeAsync(state)));
        topology.Invalidate();
        return answer;
    }
}
