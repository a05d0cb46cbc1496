using System.Diagnostics.Metrics;
using Orchestrator.Worker.Evidence;
using Orchestrator.Worker.Shards;

namespace Orchestrator.Worker.Diagnostics;

/// <summary>What a node has taken of what its host offers; read when somebody asks. Ends with the node.</summary>
internal sealed class NodeGauges : IDisposable
{
    private readonly Meter meter = new(WorkerTelemetry.Name);

    public NodeGauges(MemoryBudget memory, EvidenceStore evidence)
    {
        meter.CreateObservableGauge("orchestrator.memory.used", () => memory.Used, "By", "Memory taken by shards and key/value caches.");
        meter.CreateObservableGauge("orchestrator.evidence.kept", () => evidence.Bytes, "By", "Disk space taken by evidence, reservations included.");
    }

    /// <inheritdoc />
    public void Dispose() => meter.Dispose();
}
