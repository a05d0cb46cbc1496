using Orchestrator.Contracts;
using Orchestrator.ControlPlane.Topology;
using Orchestrator.Core.Audits;
using Orchestrator.Core.Nodes;
using Orchestrator.Durable;
using Orchestrator.Verification;

namespace Orchestrator.ControlPlane.Audits;

/// <summary>
/// Picks who runs a stage again: a live node on another host that holds the same shard and may work, preferably of the same class, so that bits can be compared; only such a one where
/// the stage has no fingerprint. Which of several is drawn from the same signature as the audit itself.
/// </summary>
public sealed class PickAuditorActivity(TopologyCache topology, ControlPlaneOptions options, TimeProvider time) : IActivity<AuditorOrder, AuditorPick?>
{
    /// <summary>Registered name.</summary>
    public const string Name = "pick-auditor";

    /// <inheritdoc />
    public async Task<AuditorPick?> RunAsync(ActivityContext context, AuditorOrder input)
    {
        var model = await topology.FreshModelAsync(input.Receipt.Model, context.CancellationToken);
        if (model is null || model.Publication.ManifestDigest != input.Receipt.Manifest)
            return null;
        var now = time.GetUtcNow();
        var able = model.Nodes.Where(n => n.Heartbeat is { Draining: false } && !options.Liveness.IsStale(n, now)
            && n.ShardOf(input.Receipt.Manifest, input.Receipt.Stage) == ShardState.Ready
            && n.Record.Host != input.Receipt.Signer.Host
            && !input.Tried.Contains(n.Record.Node)
            && options.Standing.Bars(n.Standing, now) is null).ToList();
        bool batched = BatchedAudits.Problem(model.Publication.Manifest.Stages[input.Receipt.Stage]) is null;
        if (!batched)
            able = [.. able.Where(Same)];
        if (input.Exact)
            able = Preferred(able, Same);
        // A host of the same job may have agreed beforehand what to say; but a small network has no others.
        var best = Preferred(Preferred(able, n => !input.Hosts.Contains(n.Record.Host)), Same);
        if (best.Count == 0)
            return null;
        var ordered = best.OrderBy(n => n.Record.Node.Value, StringComparer.Ordinal).ToList();
        double drawn = AuditLottery.Uniform(Convert.FromHexString(input.Signature), $"auditor/{input.Receipt.Chain.Chain}/{input.Receipt.Stage}/{input.Tried.Count}");
        var picked = ordered[(int)(drawn * ordered.Count)];
        bool vetted = picked.Standing?.Correctness.Standing(options.Standing.Reputation.Correctness, now).Vetted == true;
        return new AuditorPick(picked.Record.Node, picked.Record.Host, Same(picked), Same(picked) && (input.Exact || !batched) ? AuditMode.Exact : AuditMode.Batched, vetted);

        bool Same(NodeState node) => node.Record.Capability.Class == input.Receipt.Class;
    }

    private static List<NodeState> Preferred(List<NodeState> nodes, Func<NodeState, bool> preferred) =>
        nodes.Where(preferred).ToList() is { Count: > 0 } found ? found : nodes;
}

/// <summary>An auditor to pick.</summary>
/// <param name="Receipt">What is audited.</param>
/// <param name="Signature">What draws.</param>
/// <param name="Hosts">Hosts of the job.</param>
/// <param name="Tried">Nodes asked before.</param>
/// <param name="Exact">Every bit is to be compared, if a node of the class is there.</param>
public sealed record AuditorOrder(CheckedReceipt Receipt, string Signature, IReadOnlyList<string> Hosts, IReadOnlyList<NodeId> Tried, bool Exact);

/// <summary>An auditor.</summary>
/// <param name="Node">The node.</param>
/// <param name="Host">Who is paid for it.</param>
/// <param name="SameClass">Its bits must be those of the audited node.</param>
/// <param name="Mode">How it runs the stage again, first.</param>
/// <param name="Vetted">Enough was seen of its own answers to count as known.</param>
public sealed record AuditorPick(NodeId Node, string Host, bool SameClass, AuditMode Mode, bool Vetted);
