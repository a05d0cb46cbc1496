using Dapr.Actors.Client;
using Microsoft.Extensions.Logging;
using Orchestrator.Actors;
using Orchestrator.Contracts;
using Orchestrator.Core.Nodes;
using Orchestrator.Core.Planning;

namespace Orchestrator.ControlPlane.Topology;

/// <summary>
/// Models with their nodes, as requests plan from them. Read again in the background when older than
/// <see cref="ControlPlaneOptions.TopologyAge"/>; a request waits only when there is none, or none younger than a heartbeat.
/// </summary>
public sealed partial class TopologyCache(IActorProxyFactory actors, ControlPlaneOptions options, TimeProvider time, ILogger<TopologyCache> log)
{
    private readonly Lock gate = new();
    private Snapshot? current;
    private Task<Snapshot>? refresh;
    private long invalidated = long.MinValue;

    /// <summary>A model; null when it was never published. One that is not in the cached state is looked for in a fresh one.</summary>
    public async ValueTask<ModelState?> ModelAsync(string name, CancellationToken cancel) =>
        (await CurrentAsync(cancel)).Models.GetValueOrDefault(name) ?? await FreshModelAsync(name, cancel);

    /// <summary>A model as it is now, read after the call began: for who could not go on with the cached state. Callers at the same time share reads.</summary>
    public async ValueTask<ModelState?> FreshModelAsync(string name, CancellationToken cancel)
    {
        long asked = time.GetTimestamp();
        while (true)
        {
            Task<Snapshot> pending;
            lock (gate)
                pending = refresh ??= RefreshAsync();
            var snapshot = await pending.WaitAsync(cancel);
            if (snapshot.Taken >= asked)
                return snapshot.Models.GetValueOrDefault(name);
        }
    }

    /// <summary>All models by name.</summary>
    public async ValueTask<IReadOnlyDictionary<string, ModelState>> ModelsAsync(CancellationToken cancel) => (await CurrentAsync(cancel)).Models;

    /// <summary>All nodes ever seen, by their ids.</summary>
    public async ValueTask<Catalog> CatalogAsync(CancellationToken cancel) => (await CurrentAsync(cancel)).Catalog;

    /// <summary>Which classes get work that is checked, by the referees known now.</summary>
    public async ValueTask<ClassAdmission> AdmissionAsync(CancellationToken cancel) => (await CurrentAsync(cancel)).Admission;

    /// <summary>Makes the next reader wait for a fresh state: something was just changed here.</summary>
    public void Invalidate()
    {
        lock (gate)
        {
            current = null;
            refresh = null;
            invalidated = time.GetTimestamp();
        }
    }

    private async ValueTask<Snapshot> CurrentAsync(CancellationToken cancel)
    {
        Task<Snapshot> pending;
        lock (gate)
        {
            var age = current is null ? TimeSpan.MaxValue : time.GetElapsedTime(current.Taken);
            if (current is not null && age < options.TopologyAge)
                return current;
            pending = refresh ??= RefreshAsync();
            if (current is not null && age < options.Liveness.HeartbeatInterval)
                return current;
        }

        return await pending.WaitAsync(cancel);
    }

    private async Task<Snapshot> RefreshAsync()
    {
        await Task.Yield();
        long taken = time.GetTimestamp();
        try
        {
            var catalog = await actors.Catalog().GetAsync();
            var models = await Task.WhenAll(catalog.Models.Select(name => actors.Model(name).GetAsync()));
            var referees = await Task.WhenAll(options.Audits.Referees.Select(r => actors.Node(NodeId.TryParse(r, out var id) ? id : default).GetAsync()));
            var admission = new ClassAdmission(options.Audits.LeastClassHosts, referees.OfType<NodeState>().Select(r => r.Record.Capability.Class).ToHashSet());
            var snapshot = new Snapshot(
                taken, catalog, admission, models.OfType<ModelState>().ToDictionary(m => m.Publication.Manifest.Name, StringComparer.Ordinal));
            return Finish(taken, snapshot);
        }
        catch (Exception e)
        {
            RefreshFailed(log, e.Message);
            Finish(taken, null);
            throw;
        }
    }

    private Snapshot Finish(long taken, Snapshot? snapshot)
    {
        lock (gate)
        {
            // One that was under way when something changed may have read the state before it.
            if (snapshot is not null && taken >= invalidated && (current is null || current.Taken < taken))
                current = snapshot;
            refresh = null;
        }

        return snapshot!;
    }

    [LoggerMessage(EventId = 20, Level = LogLevel.Warning, Message = "The topology could not be read: {Reason}")]
    private static partial void RefreshFailed(ILogger log, string reason);

    private sealed record Snapshot(long Taken, Catalog Catalog, ClassAdmission Admission, IReadOnlyDictionary<string, ModelState> Models);
}
