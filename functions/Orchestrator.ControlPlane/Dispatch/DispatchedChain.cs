using Orchestrator.Contracts;
using Orchestrator.Core.Planning;

namespace Orchestrator.ControlPlane.Dispatch;

/// <summary>A chain that was given a job: all that is needed to follow, cancel, check and pay it. Part of the journal.</summary>
/// <param name="Chain">0-based number within the job.</param>
/// <param name="Attempt">0-based dispatch attempt of that number.</param>
/// <param name="Session">Derived from job, chain and attempt.</param>
/// <param name="StreamEndpoint">Base URL of the edge's stream API.</param>
/// <param name="Stages">In chain order; the first is the edge.</param>
public sealed record DispatchedChain(int Chain, int Attempt, SessionId Session, Uri StreamEndpoint, IReadOnlyList<DispatchedStage> Stages)
{
    /// <summary>The node that drives the chain and streams.</summary>
    public DispatchedStage Edge => Stages[0];

    /// <summary>Names a planned chain.</summary>
    public static DispatchedChain Of(JobId job, int chain, int attempt, PlannedChain plan, ModelManifest manifest) => new(
        chain,
        attempt,
        SessionId.Derive(job, chain, attempt),
        plan.Nodes[0].Record.StreamEndpoint,
        [.. plan.Nodes.Select((n, stage) => new DispatchedStage(
            n.Record.Node, n.Record.Host, manifest.Stages[stage].Layers, manifest.Stages[stage].Blob, n.Record.DataEndpoint, n.Record.CertificateDigest, n.Record.Capability.Class, n.Record.Relay))]);
}

/// <summary>One node's place in a chain.</summary>
/// <param name="Node">The node.</param>
/// <param name="Host">The account that is paid for it.</param>
/// <param name="Layers">Layers it runs.</param>
/// <param name="Shard">SHA-256 of their file.</param>
/// <param name="DataEndpoint"><c>host:port</c> of its data plane.</param>
/// <param name="CertificateDigest">SHA-256 of the certificate it must present.</param>
/// <param name="Class">Numerical class it promised.</param>
/// <param name="Relay">Its relay; null without one.</param>
public sealed record DispatchedStage(
    NodeId Node, string Host, LayerRange Layers, Digest Shard, string DataEndpoint, Digest CertificateDigest, ExecutionClass Class, RelayEndpoint? Relay = null);
